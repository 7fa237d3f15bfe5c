"""An answer to `pulumi import` where the SDK's dynamic plugin has only a traceback.

The plugin takes the provider out of a resource's own properties, and an import brings none.
"""

from collections.abc import Callable
from typing import Any

import grpc

_PROVIDER = "__provider"
REFUSAL = (
    "`pulumi import` cannot take a resource of a dynamic provider: declare it and run `pulumi up`,"
    ' which takes over what exists (docs/lifecycle.md, "Taking over what exists")'
)


class _Reads(grpc.ServerInterceptor):  # type: ignore[misc]  # grpc has no types
    """Refuses a read that no provider can answer; every other call goes its way."""

    def intercept_service(self, continuation: Callable[[Any], Any], details: Any) -> Any:
        handler = continuation(details)
        if handler is None or not details.method.endswith("/Read"):
            return handler

        def read(request: Any, context: grpc.ServicerContext) -> Any:
            if _PROVIDER not in request.properties and _PROVIDER not in request.inputs:
                context.abort(grpc.StatusCode.FAILED_PRECONDITION, REFUSAL)
            return handler.unary_unary(request, context)

        return grpc.unary_unary_rpc_method_handler(
            read, handler.request_deserializer, handler.response_serializer
        )


def refuse_imports() -> None:
    """Make the server that this process starts next refuse them in words."""
    start = grpc.server

    def server(*arguments: Any, **options: Any) -> grpc.Server:
        return start(*arguments, interceptors=[_Reads()], **options)

    grpc.server = server
