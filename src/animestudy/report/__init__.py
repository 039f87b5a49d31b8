"""Running notebooks as stages, and the report made of them."""

import sys

# nbformat validates by jsonschema, which would compile three dozen grammars of URLs (seconds) that no
# notebook needs; jsonschema does without them when the package cannot be imported.
sys.modules.setdefault("rfc3987_syntax", None)
