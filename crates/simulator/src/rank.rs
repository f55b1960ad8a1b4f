//! How well a document fits a query: the share of the query's words that stand in it.

use serde_json::{Value, json};

/// Results of a rerank, the best first. `with_documents`: with the documents themselves.
pub(crate) fn results(body: &Value, with_documents: bool) -> Result<(Vec<Value>, u64), String> {
    let query = body["query"].as_str().ok_or("the field 'query' is missing or not a string")?;
    let documents = body["documents"].as_array().ok_or("the field 'documents' is missing or not a list")?;
    let text = |document: &Value| {
        document.as_str().or_else(|| document["text"].as_str()).unwrap_or_default().to_lowercase()
    };
    let query = query.to_lowercase();
    let words: Vec<&str> = query.split_whitespace().collect();
    let mut ranked: Vec<(usize, f64)> = documents
        .iter()
        .enumerate()
        .map(|(at, document)| {
            let text = text(document);
            let shared = words.iter().filter(|word| text.contains(**word)).count();
            (at, (shared as f64 + 0.01) / (words.len().max(1) as f64 + 0.01))
        })
        .collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let most = body["top_n"].as_u64().map_or(ranked.len(), |most| most as usize);
    let results = ranked.into_iter().take(most).map(|(at, score)| {
        let mut result = json!({ "index": at, "relevance_score": score });
        if with_documents {
            result["document"] = json!({ "text": text(&documents[at]) });
        }
        result
    });
    Ok((results.collect(), documents.len() as u64))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_document_that_shares_most_words_is_first() {
        let body = json!({"query": "wind parks", "documents": ["cats", "Wind parks at sea", {"text": "parks"}], "top_n": 2});
        let (results, documents) = results(&body, false).unwrap();
        let order: Vec<_> = results.iter().map(|result| result["index"].as_u64().unwrap()).collect();
        assert_eq!((order, documents), (vec![1, 2], 3));
    }
}
