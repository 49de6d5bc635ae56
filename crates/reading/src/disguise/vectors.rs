//! The vectors of a defanging tool of others, where they are at hand.
#![expect(clippy::disallowed_methods, reason = "vectors are files; the crate itself reads none")]

use super::refang;

#[test]
fn what_others_mend_we_mend() {
    let path = "conformance/ioc_defang/ioc_fanger_cases.jsonl";
    let Some(path) = belfry_testbed::corpus(path) else { return };
    let text = std::fs::read_to_string(path).expect("vectors are text");
    let (mut same, mut different) = (0, Vec::new());
    for line in text.lines() {
        let vector: serde_json::Value = serde_json::from_str(line).expect("vectors are JSON");
        let (input, expect) = (vector["input"].as_str(), vector["expected"].as_str());
        let (input, expect) = (input.expect("an input"), expect.expect("an output"));
        let found = refang(input).text;
        if found == expect {
            same += 1;
        } else {
            different.push(format!("{input:?}: {found:?} is not {expect:?}"));
        }
    }
    println!("ioc-fanger: {same} of {} texts are mended alike", text.lines().count());
    assert!(different.is_empty(), "{different:#?}");
}
