#!/bin/sh
# Adds metadata to a template of canonical JSON, whose Resources come last.
exec sed 's/^{/{"Metadata":{"Team":"orders"},/'
