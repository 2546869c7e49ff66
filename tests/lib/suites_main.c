#include "tests/lib/suites.h"

#include <stdio.h>
#include <stdlib.h>

/* Check prints the closing line that .ci/run adds up: "100%: Checks: N, Failures: 0, Errors: 0".
 * CK_RUN_SUITE and CK_RUN_CASE in the environment choose a part. */
int
main(void)
{
    SRunner *runner = srunner_create(NULL);
    for (size_t i = 0; suite_makers[i] != NULL; i++) {
        srunner_add_suite(runner, suite_makers[i]());
    }
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
