#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| brasskey_fuzz::check("sheet", input));
