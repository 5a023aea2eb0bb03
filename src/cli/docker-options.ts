/** What docker's builds with BuildKit do not take although docker has it elsewhere: a pasted command line is told so. */

/** Of docker's other commands, and of the builder before BuildKit; `docker buildx build` refuses it. */
export const REFUSED_BY_DOCKER: readonly string[] = ["--disable-content-trust"];
