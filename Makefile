# Daily work. Each target calls a script or a command that can be called without make.
.PHONY: run test lint format bench eval lock

run:
	scripts/run

test:
	scripts/test

lint:
	scripts/lint

format:
	.venv/bin/ruff check -q --fix .
	.venv/bin/ruff format -q .

bench:
	scripts/bench

eval:
	@for set in $${KMS_EVAL_DATA:?folder of evaluation sets}/*/; do .venv/bin/kms eval --data "$$set"; done

lock:
	.venv/bin/pip install -q uv
	.venv/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header pyproject.toml -o requirements/base.txt
	.venv/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --extra dev --extra postgres --extra elasticsearch pyproject.toml -o requirements/dev.txt
