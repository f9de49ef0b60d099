/* SPDX-License-Identifier: MIT */
/* fuzz_TARGET FOLDER_OR_FILE...: give the target every file. A broken promise aborts, behind the name of the
 * input. A folder that is not there holds no inputs. */
#include "fuzz.h"

#include <dirent.h>
#include <errno.h>

static long inputs;

static int replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END))
        return 0;
    long size = ftell(file);
    rewind(file);
    uint8_t *data = malloc(size > 0 ? (size_t)size : 1); /* exactly as long as the input */
    int fine = size >= 0 && data && fread(data, 1, (size_t)size, file) == (size_t)size;
    fclose(file);
    if (fine) {
        fprintf(stderr, "%s\n", path);
        LLVMFuzzerTestOneInput(data, (size_t)size);
        inputs++;
    }
    free(data);
    return fine;
}

static int replay(const char *path)
{
    DIR *folder = opendir(path);
    struct dirent *entry;
    int fine = 1;
    if (!folder)
        return errno == ENOTDIR ? replay_file(path) : errno == ENOENT;
    while (fine && (entry = readdir(folder))) {
        char name[4096];
        int len = snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        if (entry->d_name[0] != '.')
            fine = len > 0 && (size_t)len < sizeof name && replay_file(name);
    }
    closedir(folder);
    return fine;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (!replay(argv[i])) {
            printf("cannot read %s\n", argv[i]);
            return EXIT_FAILURE;
        }
    }
    printf("%ld inputs\n", inputs);
    return inputs ? EXIT_SUCCESS : EXIT_FAILURE;
}
