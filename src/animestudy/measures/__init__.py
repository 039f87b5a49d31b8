"""How good a translated picture is, in numbers: one measure a file, of arrays; `suite` has them all."""
