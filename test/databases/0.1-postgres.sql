CREATE TABLE public.media (
    id text NOT NULL COLLATE pg_catalog."C",
    owner text NOT NULL,
    key text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL,
    type text NOT NULL,
    bytes bigint NOT NULL,
    sha256 text NOT NULL,
    width integer NOT NULL,
    height integer NOT NULL,
    duration double precision,
    name text NOT NULL,
    caption text,
    placeholder text,
    created_at bigint NOT NULL,
    request_key text,
    request_index integer,
    request_hash text,
    claimed_by text,
    expires_at bigint,
    writable_until bigint
);
CREATE TABLE public.post (
    id text NOT NULL,
    photo text NOT NULL
);
CREATE VIEW public.gallery AS
 SELECT m.name,
    p.id AS post
   FROM (public.media m
     JOIN public.post p ON ((p.photo = m.id)));
CREATE TABLE public.part (
    upload_id text NOT NULL COLLATE pg_catalog."C",
    number integer NOT NULL,
    sha256 text NOT NULL,
    etag text
);
CREATE TABLE public.sweep (
    key text NOT NULL COLLATE pg_catalog."C",
    upload_id text,
    due_at bigint NOT NULL,
    recheck integer NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    error text,
    writable_until bigint
);
CREATE TABLE public.tintype_migration (
    name character varying(255) NOT NULL,
    "timestamp" character varying(255) NOT NULL
);
CREATE TABLE public.tintype_migration_lock (
    id character varying(255) NOT NULL,
    is_locked integer DEFAULT 0 NOT NULL
);
CREATE TABLE public.upload (
    id text NOT NULL COLLATE pg_catalog."C",
    owner text NOT NULL,
    key text NOT NULL COLLATE pg_catalog."C",
    due_at bigint NOT NULL,
    name text NOT NULL,
    type text NOT NULL,
    bytes bigint NOT NULL,
    sha256 text,
    caption text,
    part_bytes bigint,
    s3_upload_id text,
    request_key text,
    request_hash text,
    media_id text COLLATE pg_catalog."C",
    refusal text,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL
);
CREATE TABLE public.variant (
    media_id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL,
    key text NOT NULL COLLATE pg_catalog."C",
    type text NOT NULL,
    bytes bigint NOT NULL,
    width integer NOT NULL,
    height integer NOT NULL
);
INSERT INTO public.media VALUES ('id-00AAAAAAAAAAAAAAAAA', 'ann', 'media/id-00AAAAAAAAAAAAAAAAA/original.jpg', 'image', 'image/jpeg', 5000000000, 'abababababababababababababababababababababababababababababababab', 4, 3, NULL, '0 “a”.jpg', NULL, NULL, 1700000000000, 'request', 0, 'hash', NULL, NULL, NULL);
INSERT INTO public.media VALUES ('id-01AAAAAAAAAAAAAAAAA', 'ann', 'media/id-01AAAAAAAAAAAAAAAAA/original.jpg', 'image', 'image/jpeg', 5000000001, 'abababababababababababababababababababababababababababababababab', 4, 3, NULL, '1 “a”.jpg', 'It’s a caption', NULL, 1700000000001, 'request', 1, 'hash', NULL, NULL, NULL);
INSERT INTO public.media VALUES ('id-04AAAAAAAAAAAAAAAAA', 'bob', 'media/id-04AAAAAAAAAAAAAAAAA/original.jpg', 'image', 'image/jpeg', 5000000004, 'abababababababababababababababababababababababababababababababab', 4, 3, NULL, '4 “a”.jpg', NULL, NULL, 1700000000004, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.media VALUES ('id-05AAAAAAAAAAAAAAAAA', 'bob', 'media/id-05AAAAAAAAAAAAAAAAA/original.jpg', 'image', 'image/jpeg', 5000000005, 'abababababababababababababababababababababababababababababababab', 4, 3, NULL, '5 “a”.jpg', 'It’s a caption', NULL, 1700000000005, NULL, NULL, NULL, NULL, 4000000000000, NULL);
INSERT INTO public.media VALUES ('id-03AAAAAAAAAAAAAAAAA', 'ann', 'media/id-03AAAAAAAAAAAAAAAAA/original.jpg', 'image', 'image/jpeg', 5000000003, 'abababababababababababababababababababababababababababababababab', 4, 3, NULL, '3 “a”.jpg', 'It’s a caption', NULL, 1700000000003, NULL, NULL, NULL, 'post:1', NULL, NULL);
INSERT INTO public.part VALUES ('id-90AAAAAAAAAAAAAAAAA', 2, 'ef', NULL);
INSERT INTO public.part VALUES ('id-90AAAAAAAAAAAAAAAAA', 1, 'cd', '"e1"');
INSERT INTO public.post VALUES ('p1', 'id-00AAAAAAAAAAAAAAAAA');
INSERT INTO public.sweep VALUES ('media/id-02AAAAAAAAAAAAAAAAA/original.jpg', NULL, 5000, 0, 0, NULL, NULL);
INSERT INTO public.sweep VALUES ('media/id-02AAAAAAAAAAAAAAAAA/thumb.webp', NULL, 5000, 0, 0, NULL, NULL);
INSERT INTO public.sweep VALUES ('media/under-way/original.mp4', 's3-upload', 20000, 1, 0, NULL, NULL);
INSERT INTO public.sweep VALUES ('media/failing/original.jpg', NULL, 3000, 1, 1, 'AccessDenied', NULL);
INSERT INTO public.sweep VALUES ('media/direct-0/upload.bin', 's3-direct-0', 30000, 1, 0, NULL, 25000);
INSERT INTO public.sweep VALUES ('media/direct-1/upload.bin', 's3-direct-1', 6000, 1, 0, NULL, 25000);
INSERT INTO public.tintype_migration VALUES ('0001_ledger', '2026-11-28T12:03:55.031Z');
INSERT INTO public.tintype_migration VALUES ('0002_direct_uploads_and_claims', '2026-11-28T12:03:55.099Z');
INSERT INTO public.tintype_migration VALUES ('0003_failed_deletions', '2026-11-28T12:03:55.109Z');
INSERT INTO public.tintype_migration_lock VALUES ('migration_lock', 0);
INSERT INTO public.upload VALUES ('id-90AAAAAAAAAAAAAAAAA', 'ann', 'media/direct-0/upload.bin', 30000, 'long.mp4', 'video/mp4', 20000000, NULL, NULL, 16777216, 's3-direct-0', 'direct-0', 'h', NULL, NULL, 1, 25000);
INSERT INTO public.upload VALUES ('id-91AAAAAAAAAAAAAAAAA', 'ann', 'media/direct-1/upload.bin', 30000, 'long.mp4', 'video/mp4', 20000000, NULL, NULL, 16777216, 's3-direct-1', 'direct-1', 'h', NULL, '{"code":"damaged"}', 1, 25000);
INSERT INTO public.variant VALUES ('id-00AAAAAAAAAAAAAAAAA', 'thumb', 'media/id-00AAAAAAAAAAAAAAAAA/thumb.webp', 'image/webp', 9000, 2, 1);
INSERT INTO public.variant VALUES ('id-01AAAAAAAAAAAAAAAAA', 'thumb', 'media/id-01AAAAAAAAAAAAAAAAA/thumb.webp', 'image/webp', 9000, 2, 1);
INSERT INTO public.variant VALUES ('id-03AAAAAAAAAAAAAAAAA', 'thumb', 'media/id-03AAAAAAAAAAAAAAAAA/thumb.webp', 'image/webp', 9000, 2, 1);
INSERT INTO public.variant VALUES ('id-04AAAAAAAAAAAAAAAAA', 'thumb', 'media/id-04AAAAAAAAAAAAAAAAA/thumb.webp', 'image/webp', 9000, 2, 1);
INSERT INTO public.variant VALUES ('id-05AAAAAAAAAAAAAAAAA', 'thumb', 'media/id-05AAAAAAAAAAAAAAAAA/thumb.webp', 'image/webp', 9000, 2, 1);
ALTER TABLE ONLY public.media
    ADD CONSTRAINT media_key_key UNIQUE (key);
ALTER TABLE ONLY public.media
    ADD CONSTRAINT media_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.media
    ADD CONSTRAINT media_request UNIQUE (request_key, request_index);
ALTER TABLE ONLY public.part
    ADD CONSTRAINT part_of_upload PRIMARY KEY (upload_id, number);
ALTER TABLE ONLY public.post
    ADD CONSTRAINT post_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.sweep
    ADD CONSTRAINT sweep_pkey PRIMARY KEY (key);
ALTER TABLE ONLY public.tintype_migration_lock
    ADD CONSTRAINT tintype_migration_lock_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.tintype_migration
    ADD CONSTRAINT tintype_migration_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.upload
    ADD CONSTRAINT upload_key_key UNIQUE (key);
ALTER TABLE ONLY public.upload
    ADD CONSTRAINT upload_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.upload
    ADD CONSTRAINT upload_request_key_key UNIQUE (request_key);
ALTER TABLE ONLY public.variant
    ADD CONSTRAINT variant_key_key UNIQUE (key);
ALTER TABLE ONLY public.variant
    ADD CONSTRAINT variant_of_media PRIMARY KEY (media_id, name);
CREATE INDEX media_by_name_of_the_app ON public.media USING btree (name);
CREATE INDEX media_expiring ON public.media USING btree (expires_at) WHERE (expires_at IS NOT NULL);
CREATE INDEX media_newest ON public.media USING btree (owner, created_at DESC, id DESC);
CREATE INDEX sweep_due ON public.sweep USING btree (due_at);
CREATE INDEX sweep_failed ON public.sweep USING btree (attempts) WHERE (attempts > 0);
CREATE INDEX upload_due ON public.upload USING btree (due_at);
ALTER TABLE ONLY public.part
    ADD CONSTRAINT part_upload_id_fkey FOREIGN KEY (upload_id) REFERENCES public.upload(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.post
    ADD CONSTRAINT post_photo_fkey FOREIGN KEY (photo) REFERENCES public.media(id);
ALTER TABLE ONLY public.variant
    ADD CONSTRAINT variant_media_id_fkey FOREIGN KEY (media_id) REFERENCES public.media(id);
