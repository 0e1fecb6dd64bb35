"""`kms seed`: the sample centre and its knowledge."""

from pathlib import Path

from sqlalchemy.engine import Engine

from kms.accounts.passwords import hash_password
from kms.api.runtime import drain_unless_served
from kms.articles.files.markdown import read_folder
from kms.cli.centre import load_centre
from kms.cli.console import console, fail, progress, using_database
from kms.cli.demo import demo_password
from kms.cli.transfer import run_import
from kms.db.session import writing
from kms.settings import Settings, get_settings

SOURCE = "seed"
IMPORTER = "A9001"


def seed() -> None:
    """Load the sample centre; doing it again changes nothing. Only with KMS_DEMO=true."""
    settings = get_settings()
    if not settings.demo:
        console.print("KMS_DEMO is not true: no sample people and no sample knowledge.")
        return
    with using_database(settings) as engine:
        load_sample(engine, settings, seed_folder())
    with progress() as bar:
        bar.add_task("Index", total=None)
        drain_unless_served(settings)


def seed_folder() -> Path:
    """Beside the packages, in a checkout and installed alike."""
    folder = Path(__file__).parents[2] / "seed_articles"
    return folder if (folder / "_centre").is_dir() else fail("The sample knowledge is not installed.")


def load_sample(engine: Engine, settings: Settings, folder: Path) -> None:
    """People, categories and articles of `folder`."""
    with writing(engine) as session:
        load_centre(session, folder / "_centre", hash_password(demo_password(settings)))
    report = run_import(engine, settings, read_folder(folder), IMPORTER, SOURCE, publish=True)
    if not report.fine:
        fail("; ".join(f"{fault.where}: {fault.message}" for fault in report.faults[:5]))
    console.print(
        f"Sample knowledge: {len(report.created)} new, {len(report.changed)} changed", highlight=False
    )
