"""`kms serve` and `kms worker`."""

from types import FrameType
from typing import Annotated

import typer
import uvicorn

from kms.accounts.demo import refuse_default_secrets
from kms.api import logs
from kms.cli.console import console, using_database
from kms.cli.demo import show_demo_people
from kms.db.session import reading
from kms.events import bus
from kms.settings import get_settings


class Server(uvicorn.Server):
    """Closes open event streams before it waits for requests to end; they would never end by themselves."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        bus.close_all()
        super().handle_exit(sig, frame)


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on; default: KMS_HOST.")] = "",
    port: Annotated[int, typer.Option(help="Port to listen on; default: KMS_PORT.")] = -1,
) -> None:
    """Run pages, API and (unless KMS_WORKER=false) the worker."""
    settings = get_settings()
    logs.configure(json=settings.log_json)
    host, port = host or settings.host, settings.port if port < 0 else port
    with using_database(settings) as engine:
        with reading(engine) as session:
            refuse_default_secrets(session, settings)
        show_demo_people(engine, settings)
    console.print(f"kms is at http://{host}:{port}  (Ctrl+C stops it)", highlight=False)
    config = uvicorn.Config(
        # The only place where the domain names the web application.
        "web.app:create_app",
        factory=True,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=10,
        forwarded_allow_ips=settings.trusted_proxies,
    )
    Server(config).run()
