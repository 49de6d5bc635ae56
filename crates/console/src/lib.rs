//! The HTTP API over cases, for analysts and the CLI.
