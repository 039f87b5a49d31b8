"""A reproducible study of Wu & Chen 2022: painter's psychology, anime style and deep networks."""
