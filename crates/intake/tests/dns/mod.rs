//! A DNS server of our own on loopback: answers what it is told, and never answers
//! below `slow.test`.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;

use mail_auth::hickory_resolver::proto::op::{Message, ResponseCode};
use mail_auth::hickory_resolver::proto::rr::rdata::TXT;
use mail_auth::hickory_resolver::proto::rr::{RData, Record, RecordType};
use tokio::net::UdpSocket;

/// Serves `texts` (name without its last dot, TXT) until the test ends.
pub async fn serve(texts: &[(&str, &str)]) -> SocketAddr {
    let socket = UdpSocket::bind((belfry_testbed::loopback(), 0)).await.unwrap();
    let address = socket.local_addr().unwrap();
    let owned = |(name, text): &(&str, &str)| (format!("{name}."), (*text).to_owned());
    let texts: Arc<HashMap<String, String>> = Arc::new(texts.iter().map(owned).collect());
    tokio::spawn(async move {
        let mut packet = [0; 4_096];
        while let Ok((length, client)) = socket.recv_from(&mut packet).await {
            let Some(answer) = answer(&packet[..length], &texts) else { continue };
            socket.send_to(&answer, client).await.unwrap();
        }
    });
    address
}

fn answer(packet: &[u8], texts: &HashMap<String, String>) -> Option<Vec<u8>> {
    let asked = Message::from_vec(packet).ok()?;
    let question = asked.queries.first()?.clone();
    let name = question.name().to_lowercase().to_string();
    if name.ends_with("slow.test.") {
        return None;
    }
    let mut answer = Message::response(asked.metadata.id, asked.metadata.op_code);
    answer.metadata.recursion_available = true;
    answer.add_query(question.clone());
    match texts.get(&name) {
        Some(text) if question.query_type() == RecordType::TXT => {
            let pieces = text.as_bytes().chunks(255);
            let pieces = pieces.map(|piece| String::from_utf8(piece.to_vec()).unwrap()).collect();
            let data = RData::TXT(TXT::new(pieces));
            answer.add_answer(Record::from_rdata(question.name().clone(), 60, data));
        }
        Some(_) => {}
        None => answer.metadata.response_code = ResponseCode::NXDomain,
    }
    answer.to_vec().ok()
}
