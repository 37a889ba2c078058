// Daemons, engines and machines take longer on a busy machine than a test without any of them may. What has a deadline of its
// own keeps that.
jest.setTimeout(240_000);
