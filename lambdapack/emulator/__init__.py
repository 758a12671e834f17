"""A small, faithful model of Lambda's control plane, of the S3 calls that go with it, and of IAM's roles.

::

    hook ───┐
    server ─┴► service ─► routes ─► operations ─┬► control/   Lambda  ┐
                  │                             ├► s3/        S3      ├ (World, Call) → (World, Answer)
                  │                             └► iam        IAM     ┘
                  └─► store ─► codec            the directory, its lock, the state as JSON

    values calls refusals xmltext               what all operations are given, return and raise

- ``hook.attach`` answers a boto3 client in-process, and ``hook.download`` follows its ``Code.Location``;
  ``server.Server`` puts the same behind 127.0.0.1 for every other client; ``store.Store.reset`` forgets all.
- Every operation is a pure function; ``store`` alone touches the disk, ``service`` alone the clock.
- What AWS answers, word for word, is from recordings (``tests/emulator/recorded``); where a text is from public
  reports or a guess, the function says so.
- This room imports the standard library, ``lambdapack.errors`` and ``lambdapack.waiting``; botocore only inside the
  hook's functions.
"""
