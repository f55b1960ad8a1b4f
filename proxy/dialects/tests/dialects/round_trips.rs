//! What a dialect can say comes back as it was, whole or in a stream cut anywhere.

use aop_dialects::chat::Chat;
use aop_dialects::form::{Content, Request, Response, StreamEvent};
use aop_dialects::messages::Messages;
use aop_dialects::responses::Responses;
use aop_dialects::{
    AnswerError, ClientDialect, Dialect, Policy, RequestError, StreamReader, Written, chat, messages,
    responses,
};
use proptest::prelude::*;

use crate::fold::{answering, apart, read, whole, written};
use crate::generate;

struct Both {
    client: &'static dyn ClientDialect,
    write_request: fn(&Request, Policy) -> Result<Written, RequestError>,
    read_response: fn(&[u8]) -> Result<Response, AnswerError>,
    reader: fn() -> Box<dyn StreamReader>,
}

fn both(dialect: Dialect) -> Both {
    match dialect {
        Dialect::Messages => Both {
            client: &Messages,
            write_request: messages::write_request,
            read_response: messages::read_response,
            reader: messages::reader,
        },
        Dialect::Responses => Both {
            client: &Responses,
            write_request: responses::write_request,
            read_response: responses::read_response,
            reader: responses::reader,
        },
        _ => Both {
            client: &Chat,
            write_request: chat::write_request,
            read_response: chat::read_response,
            reader: chat::reader,
        },
    }
}

const DIALECTS: [Dialect; 3] = [Dialect::Chat, Dialect::Messages, Dialect::Responses];

fn request() -> impl Strategy<Value = Request> {
    prop::sample::select(&DIALECTS[..]).prop_flat_map(generate::request)
}

fn response() -> impl Strategy<Value = (Dialect, Response)> {
    prop::sample::select(&DIALECTS[..])
        .prop_flat_map(|dialect| generate::response(dialect).prop_map(move |response| (dialect, response)))
}

/// What a request says once it has been another dialect's.
fn crossed(mut request: Request, to: Dialect) -> Request {
    request.dialect = to;
    request.stream_usage = request.stream || to != Dialect::Chat;
    request
}

proptest! {
    #[test]
    fn a_request_loses_nothing_its_dialect_can_say(request in request()) {
        let both = both(request.dialect);
        let written = (both.write_request)(&request, Policy::RefuseUnsupported).unwrap();
        prop_assert_eq!(&written.dropped, &Vec::<String>::new());
        prop_assert_eq!(both.client.read_request(&written.body).unwrap(), request);
    }

    #[test]
    fn an_answer_loses_nothing_its_dialect_can_say((dialect, response) in response()) {
        let both = both(dialect);
        let body = both.client.write_response(&response, &answering()).unwrap();
        prop_assert_eq!((both.read_response)(&body).unwrap(), response);
    }

    #[test]
    fn a_stream_loses_nothing_its_dialect_can_say((dialect, response) in response(), size in 1usize..5) {
        let both = both(dialect);
        let bytes = written(both.client, &apart(&response, size));
        let mut read = whole(&read((both.reader)(), &[&bytes]));
        read.created_s = response.created_s;
        prop_assert_eq!(read, response);
    }

    #[test]
    fn how_a_stream_was_cut_changes_no_event(
        (dialect, response) in response(), cuts in prop::collection::vec(0usize..4000, 0..20)
    ) {
        let both = both(dialect);
        let bytes = written(both.client, &apart(&response, 3));
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(bytes.len())).collect();
        cuts.extend([0, bytes.len()]);
        cuts.sort_unstable();
        let chunks: Vec<&[u8]> = cuts.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect();
        prop_assert_eq!(read((both.reader)(), &chunks), read((both.reader)(), &[&bytes]));
    }

    #[test]
    fn a_stream_cut_short_never_ends((dialect, response) in response(), keep in 0usize..99) {
        let both = both(dialect);
        let mut events = apart(&response, 3);
        // Up to, and without, the reason it stopped for.
        let stop = events.iter().position(|event| matches!(event, StreamEvent::Stop(_))).unwrap();
        events.truncate(keep.min(stop));
        let bytes = written(both.client, &events);
        prop_assert!(!read((both.reader)(), &[&bytes]).contains(&StreamEvent::End));
    }

    #[test]
    fn what_two_dialects_can_say_crosses_and_comes_back(request in request(), to in prop::sample::select(&DIALECTS[..])) {
        let (from, target) = (request.dialect, both(to));
        let there = (target.write_request)(&request, Policy::RefuseUnsupported).unwrap();
        let mut request = request;
        if there.dropped == ["image_url.detail"] {
            forget_details(&mut request);
        } else {
            prop_assert_eq!(&there.dropped, &Vec::<String>::new());
        }
        let read = target.client.read_request(&there.body).unwrap();
        let back = (both(from).write_request)(&read, Policy::RefuseUnsupported).unwrap();
        let mut back = both(from).client.read_request(&back.body).unwrap();
        // The wires differ in names of schemas, and a responses provider is told to store nothing; the rest is the same.
        prop_assert_eq!(texts(&back), texts(&request));
        back.rest.shift_remove("store");
        back.output.clone_from(&request.output);
        prop_assert_eq!(crossed(back, from), crossed(request, from));
    }

    #[test]
    fn bytes_that_are_no_request_are_refused_and_never_panic(body in prop::collection::vec(any::<u8>(), 0..200)) {
        for dialect in DIALECTS {
            prop_assert!(both(dialect).client.read_request(&body).is_err());
            let _ = read((both(dialect).reader)(), &[&body]);
            prop_assert!((both(dialect).read_response)(&body).is_err());
        }
    }
}

fn forget_details(request: &mut Request) {
    for part in request.messages.iter_mut().flat_map(|message| &mut message.parts) {
        if let Content::Image(image) = &mut part.content {
            image.detail = None;
        }
    }
}

fn texts(request: &Request) -> Vec<String> {
    let texts = request.system.iter().filter_map(|part| match &part.content {
        Content::Text(text) => Some(text.clone()),
        _ => None,
    });
    texts.collect()
}
