"""The Python client of ClickHouse (clickhouse-connect), unchanged, against the embedded server.

Needs AOP_TEST_CLICKHOUSE_URL and AOP_TEST_CLICKHOUSE_PASSWORD; `make test` sets both.
"""

import datetime
import decimal
import os
import uuid
from urllib.parse import urlparse

import clickhouse_connect
import pytest
from clickhouse_connect.driver.exceptions import DatabaseError


def address():
    url = urlparse(os.environ["AOP_TEST_CLICKHOUSE_URL"])
    return {
        "host": url.hostname,
        "port": url.port,
        "username": "default",
        "password": os.environ["AOP_TEST_CLICKHOUSE_PASSWORD"],
    }


@pytest.fixture(scope="module")
def database():
    name = f"test_python_{uuid.uuid4().hex}"
    client = clickhouse_connect.get_client(**address())
    client.command(f"CREATE DATABASE {name}")
    yield name
    client.command(f"DROP DATABASE {name}")
    client.close()


@pytest.fixture(params=[False, "lz4", "zstd", "gzip"], ids=["plain", "lz4", "zstd", "gzip"])
def client(request, database):
    client = clickhouse_connect.get_client(**address(), database=database, compress=request.param)
    yield client
    client.close()


def test_a_wrong_password_is_refused():
    with pytest.raises(DatabaseError, match="516"):
        clickhouse_connect.get_client(**{**address(), "password": "wrong"})


def test_rows_of_every_kind_come_back_as_they_were_sent(client):
    client.command("DROP TABLE IF EXISTS kinds")
    client.command(
        "CREATE TABLE kinds (id UUID, at DateTime64(6, 'UTC'), name LowCardinality(String), amount Decimal(18, 12), "
        "tags Array(String), facts Map(String, String), maybe Nullable(Int32)) ENGINE = MergeTree ORDER BY at"
    )
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
    rows = [
        [
            uuid.UUID(int=number),
            start + datetime.timedelta(microseconds=number),
            f"name {number % 7}",
            decimal.Decimal(number) / 1_000_000,
            ["a", str(number)],
            {"k": "é" * (number % 3)},
            None if number % 2 else number,
        ]
        for number in range(5_000)
    ]
    client.insert("kinds", rows)
    stored = client.query("SELECT * FROM kinds ORDER BY at", query_tz="UTC").result_rows
    assert len(stored) == len(rows)
    for sent, back in zip(rows, stored):
        assert [value.replace(tzinfo=None) if isinstance(value, datetime.datetime) else value for value in back] == [
            value.replace(tzinfo=None) if isinstance(value, datetime.datetime) else value for value in sent
        ]


def test_parameters_are_bound_by_the_server(client):
    result = client.query("SELECT {text:String}, {number:UInt64} + 1", parameters={"text": "it's \\ --", "number": 41})
    assert result.result_rows == [("it's \\ --", 42)]


def test_an_answer_without_rows_is_no_error(client):
    assert client.query("SELECT number FROM numbers(10) WHERE number > 10").result_rows == []


def test_a_million_rows_are_streamed(client):
    count = total = 0
    with client.query_row_block_stream("SELECT number, toString(number) FROM numbers(1000000)") as blocks:
        for block in blocks:
            count += len(block)
            total += sum(number for number, _text in block)
    assert (count, total) == (1_000_000, 499_999_500_000)


def test_errors_keep_their_code_before_and_inside_an_answer(client):
    with pytest.raises(DatabaseError, match="60"):
        client.query("SELECT 1 FROM nowhere")
    sql = "SELECT throwIf(number = 900000) FROM numbers(1000000)"
    with pytest.raises(Exception, match="395|throwIf"):
        client.query(sql, settings={"max_block_size": 1000})


def test_settings_hold_for_their_query(client):
    ask = "SELECT getSetting('max_block_size')"
    assert client.query(ask, settings={"max_block_size": 77}).result_rows == [(77,)]
    assert client.query(ask).result_rows != [(77,)]


def test_a_session_keeps_its_temporary_table(client):
    client.command("CREATE TEMPORARY TABLE mine (x UInt8) ENGINE = Memory")
    client.command("INSERT INTO mine VALUES (7)")
    assert client.query("SELECT x FROM mine").result_rows == [(7,)]
    client.command("DROP TABLE mine")


def test_raw_queries_give_the_format_that_was_asked_for(client):
    assert client.raw_query("SELECT 1 AS one", fmt="JSONEachRow").strip() == b'{"one":1}'
    assert client.raw_query("SELECT number FROM numbers(3)", fmt="Parquet")[:4] == b"PAR1"


def test_the_same_token_inserts_once(client):
    client.command("DROP TABLE IF EXISTS once")
    client.command(
        "CREATE TABLE once (a UInt64) ENGINE = MergeTree ORDER BY a SETTINGS non_replicated_deduplication_window = 10"
    )
    for _ in range(3):
        client.insert("once", [[1], [2]], column_names=["a"], settings={"insert_deduplication_token": "t1"})
    assert client.command("SELECT count() FROM once") == 2
