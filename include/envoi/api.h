/* SPDX-License-Identifier: MIT */
#ifndef ENVOI_API_H
#define ENVOI_API_H
/** @file
 * How a symbol leaves the library. Included by every other header; nothing here needs to be called.
 */
#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32)
#ifdef ENVOI_BUILDING
#define ENVOI_API __declspec(dllexport)
#else
#define ENVOI_API __declspec(dllimport)
#endif
#else
#define ENVOI_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
#define ENVOI_BEGIN_DECLS extern "C" {
#define ENVOI_END_DECLS }
#else
#define ENVOI_BEGIN_DECLS
#define ENVOI_END_DECLS
#endif

#endif
