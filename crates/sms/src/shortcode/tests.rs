//! Over loopback: nothing is acknowledged before the hub has it, and a broken connection is
//! made anew.

use std::sync::Mutex;

use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::pdu::tests::submit;
use crate::pdu::{BIND_TRANSCEIVER, DELIVER_SM, Header, RESPONSE, ROK, SUBMIT_SM, header, message};

/// A hub that takes every text but the first, which is to come again.
#[derive(Default)]
struct Hub {
    seen: Mutex<Vec<String>>,
}

impl HandOver for Hub {
    async fn hand_over(&self, text: &str) -> Result<String, NotTaken> {
        let mut seen = self.seen.lock().unwrap();
        seen.push(text.to_owned());
        if seen.len() == 1 { Err(NotTaken::Later) } else { Ok("7K3QF-0D2MX-9GZ4T-C1V8B".into()) }
    }
}

struct Smsc {
    stream: TcpStream,
    waiting: Vec<u8>,
}

impl Smsc {
    async fn accept(listener: &TcpListener) -> Self {
        let mut smsc = Self { stream: listener.accept().await.unwrap().0, waiting: Vec::new() };
        let (head, _) = smsc.next().await;
        assert_eq!(head.command, BIND_TRANSCEIVER);
        let mut answer = Vec::new();
        crate::pdu::respond(&head, ROK, &mut answer);
        smsc.stream.write_all(&answer).await.unwrap();
        smsc
    }

    async fn next(&mut self) -> (Header, Vec<u8>) {
        loop {
            if let Some(head) = header(&self.waiting)
                && self.waiting.len() >= head.length
            {
                return (head, self.waiting.drain(..head.length).collect());
            }
            let mut buffer = [0; 4_096];
            let length = self.stream.read(&mut buffer).await.unwrap();
            assert!(length > 0, "the short code went away");
            self.waiting.extend_from_slice(&buffer[..length]);
        }
    }

    async fn deliver(&mut self, sequence: u32, text: &str) -> u32 {
        let pdu = submit(DELIVER_SM, sequence, 0, 0, text.as_bytes(), &[]);
        self.stream.write_all(&pdu).await.unwrap();
        let (head, _) = self.next().await;
        assert_eq!((head.command, head.sequence), (DELIVER_SM | RESPONSE, sequence));
        head.status
    }
}

#[tokio::test]
async fn a_text_is_sent_again_until_the_hub_has_it_and_its_sender_thanked() {
    let listener = TcpListener::bind("127.91.3.1:0").await.unwrap();
    let settings = ShortCodeSettings {
        smsc: crate::Smsc::plain(&listener.local_addr().unwrap().to_string()),
        code: "8450".to_owned(),
        account: "belfry".to_owned(),
        password: "secret".to_owned(),
        thanks: Some(Thanks::new("Thank you: {receipt}", 1).unwrap()),
    };
    let (hub, metrics, stop) =
        (Arc::new(Hub::default()), ShortCodeMetrics::default(), CancellationToken::new());
    let serving = tokio::spawn(serve(settings, Arc::clone(&hub), metrics.clone(), stop.clone()));
    let mut smsc = Smsc::accept(&listener).await;
    assert_eq!(smsc.deliver(1, "Pay now").await, crate::pdu::RX_T_APPN);
    // The SMSC goes away and comes back, with what was not taken.
    drop(smsc);
    let mut smsc = Smsc::accept(&listener).await;
    assert_eq!(smsc.deliver(1, "Pay now").await, ROK);
    let (head, pdu) = smsc.next().await;
    assert_eq!(head.command, SUBMIT_SM);
    let thanks = message(SUBMIT_SM, &pdu).unwrap();
    assert_eq!(thanks.destination, b"32470000001");
    assert_eq!(thanks.text, b"Thank you: 7K3QF-0D2MX-9GZ4T-C1V8B");
    // Once an hour: the second message has no thanks, only its acknowledgement.
    assert_eq!(smsc.deliver(2, "Pay at once").await, ROK);
    assert_eq!(smsc.deliver(3, "Pay at last").await, ROK);
    assert_eq!(*hub.seen.lock().unwrap(), ["Pay now", "Pay now", "Pay at once", "Pay at last"]);
    let counts = [&metrics.taken, &metrics.later, &metrics.thanked, &metrics.connections];
    assert_eq!(counts.map(Counter::get), [3, 1, 1, 2]);
    stop.cancel();
    serving.await.unwrap();
}
