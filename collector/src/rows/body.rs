//! Which pieces of content a call is made of, and where its conversation goes on.

use aop_clickhouse::{CallBodyRow, LlmCallRow};

use crate::content::{Content, Hash};
use crate::memory::Chain;

/// The row, and the two points at which a next call of the same conversation can go on: after what was sent, and after
/// what was answered.
pub(super) fn row(
    call: &LlmCallRow,
    content: &Content,
    known: impl Fn(&Chain) -> bool,
) -> (CallBodyRow, Vec<Chain>) {
    let input_hashes: Vec<Hash> = content.inputs.iter().map(|piece| piece.hash).collect();
    let output_hashes: Vec<Hash> = content.outputs.iter().map(|piece| piece.hash).collect();
    let chains = chains(&call.team, &input_hashes);
    let new_from = chains.iter().rposition(known).map_or(0, |last_known| last_known + 1);
    let mut ends: Vec<Chain> = chains.last().copied().into_iter().collect();
    if let (Some(sent), Some(answer)) = (chains.last(), output_hashes.first()) {
        ends.push(link(sent, answer));
    }
    let body = CallBodyRow {
        team: call.team,
        ts: call.ts,
        call_id: call.call_id,
        input_hashes,
        new_from: u16::try_from(new_from).unwrap_or(u16::MAX),
        output_hashes,
        tools_hash: content.tools.as_ref().map(|tools| tools.hash).unwrap_or_default(),
        params: content.params.clone(),
        response: content.response.clone(),
        retention_days: call.retention_days,
    };
    (body, ends)
}

/// One chain for each prefix of the inputs: teams never share one.
fn chains(team: &[u8; 16], inputs: &[Hash]) -> Vec<Chain> {
    let next = |chain: &mut Chain, hash: &Hash| {
        *chain = link(chain, hash);
        Some(*chain)
    };
    inputs.iter().scan(*team, next).collect()
}

fn link(chain: &Chain, hash: &Hash) -> Chain {
    let digest = blake3::hash(&[chain.as_slice(), hash.as_slice()].concat());
    std::array::from_fn(|i| digest.as_bytes()[i])
}
