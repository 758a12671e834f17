"""A small, faithful model of Lambda's control plane, of the S3 calls that go with it, and of IAM's roles.

::

    hook ───┐                        functions updates versions aliases      ┐
    server ─┴► service ──► routes    layers signing account                  │ Lambda
                  │      operations  buckets objects multipart               │ S3      (World, Call) → (World, Answer)
                  │                  roles                                   ┘ IAM
                  └──► store (directory, lock, codec)

    what they share: values calls refusals constraints names pages settings source package storage configurations
                     uploads checksums xmltext

- ``hook.attach`` answers a boto3 client in-process, and ``hook.download`` follows its ``Code.Location``;
  ``server.listening`` puts the same behind 127.0.0.1 for every other client; ``store.Store.reset`` forgets all.
- Every operation is a pure function; ``store`` alone touches the disk, ``service`` alone the clock.
- What AWS answers, word for word, is from recordings (``tests/emulator/recorded``); where a text is from public
  reports or a guess, the function says so.
- This room imports the standard library and ``lambdapack.errors``; botocore only inside the hook's functions.
"""
