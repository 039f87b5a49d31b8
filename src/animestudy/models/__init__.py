import warnings

# timm brings in a progress bar for notebooks that asks for ipywidgets; the study has bars of its own
warnings.filterwarnings("ignore", message="IProgress not found")
