//! The contract that clients are generated from: `api/openapi.json` is what the code says.

use std::path::Path;

/// Rewrite with `UPDATE_OPENAPI=1 cargo test -p aop-api --test it contract`.
#[test]
fn the_committed_contract_is_the_one_of_the_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    let current = format!("{}\n", aop_api::router::contract().to_pretty_json().unwrap());
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        std::fs::write(&path, &current).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == current,
        "api/openapi.json is not what the code says. Run UPDATE_OPENAPI=1 cargo test -p aop-api --test it contract"
    );
}

#[test]
fn the_contract_is_openapi_3_1_and_every_operation_can_fail_with_a_problem() {
    let contract = serde_json::to_value(aop_api::router::contract()).unwrap();
    assert_eq!(contract["openapi"], "3.1.0");
    for (path, operations) in contract["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let problem = &operation["responses"]["default"]["content"]["application/problem+json"];
            assert!(problem.is_object(), "{method} {path} does not say how it fails");
            assert!(operation["summary"].is_string(), "{method} {path} does not say what it does");
        }
    }
}
