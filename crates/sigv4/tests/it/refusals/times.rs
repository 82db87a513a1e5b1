//! Signatures of another time.

use rolecall_sigv4::{AuthFailure, CarrierKind};

use super::{GENERAL, S3, spoilt, spoilt_url};
use crate::assert_refused;
use crate::support::Request;

#[test]
fn a_date_in_another_format_is_refused() {
    for date in
        ["2026-02-14T09:26:53Z", "20260214", "20260214T092653", "20260230T092653Z", "now", "", "1771061213"]
    {
        assert_refused!(
            spoilt(GENERAL, |r| {
                r.set("x-amz-date", date);
            }),
            AuthFailure::MalformedDate { .. }
        );
    }
    assert_refused!(
        spoilt_url(S3, |r| {
            r.edit_query("20260214T092653Z", "yesterday");
        }),
        AuthFailure::MalformedDate { carrier: CarrierKind::Query, .. }
    );
    // An HTTP date is for the header that is named after it.
    assert_refused!(
        spoilt(GENERAL, |r| {
            r.set("x-amz-date", "Sat, 14 Feb 2026 09:26:53 GMT");
        }),
        AuthFailure::MalformedDate { .. }
    );
}

#[test]
fn a_signature_is_good_for_fifteen_minutes_either_way() {
    for rules in [GENERAL, S3] {
        for good in [-900, 0, 900] {
            spoilt(rules, |r| r.now += good).authenticate().unwrap();
        }
        assert_refused!(
            spoilt(rules, |r| r.now += 901),
            AuthFailure::SignatureExpired { lifetime_s: 900, .. }
        );
        assert_refused!(spoilt(rules, |r| r.now -= 901), AuthFailure::SignatureNotYetCurrent { .. });
        for now in [i64::MIN, i64::MAX, 0] {
            assert!(spoilt(rules, |r| r.now = now).authenticate().is_err());
            assert!(spoilt_url(rules, |r| r.now = now).authenticate().is_err());
        }
    }
}

#[test]
fn a_presigned_url_lives_as_long_as_it_says_and_as_the_service_lets_it() {
    for rules in [GENERAL, S3] {
        spoilt_url(rules, |r| r.now += 300).authenticate().unwrap();
        assert_refused!(
            spoilt_url(rules, |r| r.now += 301),
            AuthFailure::SignatureExpired { lifetime_s: 300, carrier: CarrierKind::Query, .. }
        );
    }
    let long = |r: &mut Request| {
        r.edit_query("X-Amz-Expires=300", "X-Amz-Expires=604800");
        r.now += 901;
    };
    assert_refused!(spoilt_url(GENERAL, long), AuthFailure::SignatureExpired { lifetime_s: 900, .. });
    assert_refused!(spoilt_url(S3, long), AuthFailure::SignatureMismatch);
}

#[test]
fn a_life_of_more_than_a_week_or_less_than_nothing_is_refused() {
    for expires in ["604801", "-1", "-0", "99999999999999999999", "", "1.5", "%2B5", "1e3", "0x10", "%20300"]
    {
        let parameter = format!("X-Amz-Expires={expires}");
        for rules in [GENERAL, S3] {
            assert_refused!(
                spoilt_url(rules, |r| {
                    r.edit_query("X-Amz-Expires=300", &parameter);
                }),
                AuthFailure::MalformedExpires { .. }
            );
        }
    }
}
