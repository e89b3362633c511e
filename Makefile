PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed

.PHONY: demo test check format audit clean

demo: $(STAMP) ## translate the bundled sample article with the bundled model, offline
	$(BIN)/dragoman run corpora/samples/harbour.ar.txt \
	    --reference corpora/samples/harbour.en.txt --reference corpora/samples/harbour.en2.txt -o out/demo

test: $(STAMP) ## run the tests
	$(BIN)/python -m pytest -q

check: $(STAMP) ## formatting, lint, types, import directions
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(STAMP) ## rewrite the files in the project's format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

audit: $(STAMP) ## look up the pinned dependencies in the database of known vulnerabilities (needs the network)
	$(BIN)/python -m venv .venv/audit
	.venv/audit/bin/python -m pip install -q pip-audit
	.venv/audit/bin/pip-audit --no-deps --disable-pip -r constraints.txt

clean: ## remove what the other targets made
	rm -rf .venv out build dist *.egg-info

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit("dragoman needs Python 3.11 or newer" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -q -c constraints.txt -e '.[dev,ray]'
	touch $@
