//! `belfry upkeep`: whether anything ends by time, and a person's word that it may.

use serde_json::{Value, json};

use crate::cli::{UpkeepArgs, UpkeepVerb};
use crate::client::Client;
use crate::commands::{Failure, print};
use crate::config::load;

/// Shows how upkeep stands, or accepts what stopped it.
pub(crate) async fn upkeep(args: UpkeepArgs) -> Result<(), Failure> {
    let client = Client::connect(&load(&args.data, &[])?.config).await?;
    let (answer, text): (Value, fn(&Value) -> String) = match args.verb {
        UpkeepVerb::Show => (client.get("/api/v1/upkeep").await?, show_text),
        UpkeepVerb::Accept => {
            let body = json!({});
            (client.post("/api/v1/upkeep/accept", &body).await?, accept_text)
        }
    };
    print(if args.json { format!("{answer}\n") } else { text(&answer) })
}

fn show_text(answer: &Value) -> String {
    let text = |key: &str| answer[key].as_str().unwrap_or("nothing").to_owned();
    format!("time     {}\nclock    {}\nstopped  {}\n", text("time"), text("wall"), text("stopped"))
}

fn accept_text(answer: &Value) -> String {
    format!("{} orders ended; it is {}\n", answer["ended"], answer["time"].as_str().unwrap_or("?"))
}
