/* SPDX-License-Identifier: MIT */
/* What a stranger's program does first. */
#include <envoi/envoi.h>
#include <stdio.h>

int main(void)
{
    envoi_config *config = NULL;
    envoi_stream *stream = NULL;
    size_t len = 0;
    int error = envoi_config_new(&config, "juliet@example.com");
    if (!error)
        error = envoi_stream_new(&stream, config, 0);
    int fine = !error && envoi_stream_output(stream, &len) && len > 0;
    envoi_stream_free(stream);
    envoi_config_free(config);
    printf("envoi %s: %s\n", envoi_version(), envoi_strerror(error));
    return fine ? 0 : 1;
}
