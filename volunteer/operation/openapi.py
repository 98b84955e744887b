"""The API describes itself: OpenAPI 3.1 from the routes that are mounted, and a page to read it on."""

from __future__ import annotations

import re
from typing import Any

from flask import Response, current_app, jsonify, render_template

from volunteer.bodies import NAME
from volunteer.web import Pages

pages = Pages("openapi", __name__)

_CONVERTER = re.compile(r"<(?:(\w+):)?(\w+)>")
#: What any operation may answer beside its own success.
_PROBLEMS = {
    "400": "malformed or forged", "401": "auth.required", "403": "access.denied", "404": "not_found",
    "405": "request.method", "409": "refused by a rule or a race", "410": "lapsed", "413": "request.too_large",
    "415": "request.media_type", "422": "form.invalid", "429": "rate.limited", "503": "busy",
}  # fmt: skip


def document() -> dict[str, Any]:
    """Return the OpenAPI document of every JSON route."""
    from pydantic.json_schema import models_json_schema

    operations = list(_operations())
    models = {
        model
        for _rule, _method, view in operations
        for model in (view.extras.get("takes"), view.extras.get("gives"))
        if model is not None
    }
    modes = sorted(models, key=lambda model: model.__name__)
    _keys, schemas = models_json_schema(
        [(model, "validation") for model in modes], ref_template="#/components/schemas/{model}"
    )
    paths: dict[str, dict[str, Any]] = {}
    for rule, method, view in operations:
        paths.setdefault(_CONVERTER.sub(r"{\2}", rule.rule), {})[method.lower()] = _operation(
            rule, method, view
        )
    return {
        "openapi": "3.1.0",
        "info": {"title": "礼遇 Liyu", "version": "1", "description": "志愿服务与礼遇计划 · volunteer service and courtesy rewards"},
        "servers": [{"url": current_app.config["BASE_URL"]}],
        "security": [{"bearer": []}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
            "schemas": {
                **schemas.get("$defs", {}),
                "Problem": {
                    "type": "object",
                    "required": ["type", "title", "status", "code", "detail"],
                    "properties": {
                        "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"},
                        "code": {"type": "string"}, "detail": {"type": "string"}, "errors": {"type": "object"},
                    },
                },
            },
        },
    }  # fmt: skip


def _operations() -> Any:
    for rule in sorted(current_app.url_map.iter_rules(), key=lambda rule: rule.rule):
        view = current_app.view_functions[rule.endpoint]
        if rule.rule.startswith("/api/v1") and hasattr(view, "extras") and "described" not in view.extras:
            for method in sorted((rule.methods or set()) & {"GET", "POST", "DELETE"}):
                yield rule, method, view


def _operation(rule: Any, method: str, view: Any) -> dict[str, Any]:
    extras = view.extras
    parameters: list[dict[str, Any]] = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "integer" if kind == "int" else "string"},
        }
        for kind, name in _CONVERTER.findall(rule.rule)
    ]
    for name, schema in (extras.get("query") or {}).items():
        parameters.append({"name": name, "in": "query", "required": False, "schema": schema})
    if method == "POST":
        parameters.append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": extras.get("idempotency") == "required",
                "schema": {"type": "string", "pattern": f"^{NAME}$"},
            }
        )
    said = {"description": (view.__doc__ or "").strip().split("\n")[0]}
    if extras.get("gives") is not None:
        said["content"] = {"application/json": {"schema": _ref(extras["gives"])}}
    status = str(extras.get("status", 200))
    success = {status: said, **({"200": said} if status == "201" else {})}
    operation: dict[str, Any] = {
        "operationId": rule.endpoint.replace(".", "_"),
        "summary": (view.__doc__ or view.__name__).strip().split("\n")[0],
        "parameters": parameters,
        "responses": {
            **success,
            **{
                code: {
                    "description": words,
                    "content": {
                        "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
                    },
                }
                for code, words in _PROBLEMS.items()
            },
        },
        "x-right": view.allow,
    }
    if view.allow == "public":
        operation["security"] = []
    if extras.get("takes") is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": _ref(extras["takes"])}},
        }
    return operation


def _ref(model: Any) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{model.__name__}"}


@pages.get("/api/v1/openapi.json", allow="public", described=True)
def openapi() -> Response:
    """The document."""
    return jsonify(document())


@pages.get("/api/v1/docs", allow="public", described=True)
def docs() -> str:
    """The document, to read."""
    return render_template("volunteer/operation/docs.html", document=document())
