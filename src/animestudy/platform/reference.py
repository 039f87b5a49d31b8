"""The interface as a plain page: readable without JavaScript, and nothing comes from another host."""

from html import escape

STYLE = "/page/reference.css"


def page(schema: dict) -> str:
    """OpenAPI → HTML."""
    routes = [
        route(method, path, facts)
        for path, methods in schema["paths"].items()
        for method, facts in methods.items()
    ]
    shapes = [shape(name, facts) for name, facts in sorted(schema["components"]["schemas"].items())]
    title = escape(schema["info"]["title"])
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}: interface</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<link rel="icon" href="/page/icon.svg"><link rel="stylesheet" href="{STYLE}"><main><h1>{title}</h1>'
        f"<p>{escape(schema['info'].get('description', ''))}</p>"
        '<p><a href="/api/openapi.json">OpenAPI</a> · <a href="/">the page</a></p>'
        f"<h2>Requests</h2>{''.join(routes)}<h2>Objects</h2>{''.join(shapes)}</main></html>"
    )


def route(method: str, path: str, facts: dict) -> str:
    """One request."""
    inputs = [f"{one['name']} ({one['in']})" for one in facts.get("parameters", [])]
    for form in facts.get("requestBody", {}).get("content", {}).values():
        inputs += [f"{name} (form)" for name in form["schema"].get("properties", {})]
    answers = "".join(
        f"<li><b>{escape(code)}</b> {escape(answer['description'])}{kind(answer)}</li>"
        for code, answer in facts["responses"].items()
    )
    return (
        f"<section><h3><code>{method.upper()} {escape(path)}</code></h3>"
        f"<p>{escape(facts.get('description', ''))}</p>"
        + (f"<p>Takes: {escape(', '.join(inputs))}</p>" if inputs else "")
        + f"<ul>{answers}</ul></section>"
    )


def kind(answer: dict) -> str:
    """What an answer holds."""
    names = [
        of(content.get("schema", {})) or escape(form) for form, content in answer.get("content", {}).items()
    ]
    return f": {', '.join(names)}" if names else ""


def of(schema: dict) -> str:
    """A type in words, objects as links."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rsplit("/", 1)[-1])
        return f'<a href="#{name}">{name}</a>'
    if "anyOf" in schema:
        return " or ".join(of(one) for one in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(map(escape, map(str, schema["enum"])))
    if schema.get("type") == "array":
        return f"list of {of(schema['items'])}"
    return escape(schema.get("type", ""))


def shape(name: str, facts: dict) -> str:
    """One object."""
    rows = "".join(
        f"<tr><td><code>{escape(key)}</code></td><td>{of(value)}</td></tr>"
        for key, value in facts.get("properties", {}).items()
    )
    return f'<section id="{escape(name)}"><h3>{escape(name)}</h3><table>{rows}</table></section>'
