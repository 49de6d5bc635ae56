//! A real client: Python's smpplib binds, enquires and sends through the proxy.

use std::process::Command;

use crate::proxy;
use crate::smsc::Smsc;

const PROGRAM: &str = r#"
import logging, sys
import smpplib.client, smpplib.consts, smpplib.gsm
logging.disable(logging.CRITICAL)
client = smpplib.client.Client(sys.argv[1], int(sys.argv[2]), allow_unknown_opt_params=True)
answers = []
client.set_message_sent_handler(lambda pdu: answers.append(pdu.status))
client.connect()
client.bind_transceiver(system_id="belfry", password="test")
for text in ["Tot straks", "Prix: 5 € é", "Привет", "lang " * 80]:
    parts, coding, flags = smpplib.gsm.make_parts(text)
    for part in parts:
        client.send_message(source_addr="32470000001", destination_addr="32470000002",
                            short_message=part, data_coding=coding, esm_class=flags)
        while len(answers) == 0:
            client.read_once()
        assert answers.pop() == 0
client.unbind()
client.disconnect()
print("done")
"#;

#[tokio::test(flavor = "multi_thread")]
async fn smpplib_sends_through_the_proxy() {
    let known = Command::new("python3").args(["-c", "import smpplib"]).output();
    if !known.is_ok_and(|known| known.status.success()) {
        return belfry_testbed::skip("smpplib through the SMPP proxy", "no python3 with smpplib");
    }
    let smsc = Smsc::start(None).await;
    let (proxy, _stop) = proxy(smsc.address).await;
    let (host, port) = (proxy.ip().to_string(), proxy.port().to_string());
    let ran = tokio::task::spawn_blocking(move || {
        Command::new("timeout").args(["30", "python3", "-c", PROGRAM, &host, &port]).output()
    });
    let ran = ran.await.unwrap().unwrap();
    let said = String::from_utf8_lossy(&ran.stdout).into_owned();
    assert!(said.contains("done"), "{said} {}", String::from_utf8_lossy(&ran.stderr));
    assert_eq!(smsc.received().len(), 6);
}
