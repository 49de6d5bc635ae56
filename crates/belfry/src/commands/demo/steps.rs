//! The demo's steps, printed as they are done, or as one JSON object.

use std::time::Instant;

use serde_json::{Value, json};

use crate::commands::{Failure, print};

/// Steps so far.
#[derive(Debug)]
pub(super) struct Steps {
    as_json: bool,
    begun: Instant,
    last: Instant,
    done: Vec<Value>,
}

impl Steps {
    /// None yet; the clock runs.
    pub(super) fn new(as_json: bool) -> Self {
        let now = Instant::now();
        Self { as_json, begun: now, last: now, done: Vec::new() }
    }

    /// One step is done.
    pub(super) fn done(&mut self, name: &str, detail: impl Into<String>) -> Result<(), Failure> {
        let detail = detail.into();
        let ms = self.last.elapsed().as_secs_f64() * 1e3;
        if !self.as_json {
            print(format!("{ms:>9.1} ms  {name:<8} {detail}\n"))?;
        }
        self.done.push(json!({ "step": name, "ms": ms, "detail": detail }));
        self.last = Instant::now();
        Ok(())
    }

    /// All are done.
    pub(super) fn finish(self) -> Result<(), Failure> {
        let ms = self.begun.elapsed().as_secs_f64() * 1e3;
        let blocked = self.done.iter().any(|step| step["step"] == "blocked");
        if self.as_json {
            return print(format!(
                "{}\n",
                json!({"steps": self.done, "ms": ms, "blocked": blocked})
            ));
        }
        print(format!("{ms:>9.1} ms  in all\n"))
    }
}
