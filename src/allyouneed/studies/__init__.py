"""Studies: many runs compared, each one a line of a file of records.

You are here for a sweep, for the rows of a table, or for a record. What was recorded
lies in `../records`; `registered_sweeps` names what the command `sweep` can do again.
"""

from typing import TYPE_CHECKING

from allyouneed._doors import door

if TYPE_CHECKING:
    from allyouneed.studies import nine_years, records, sample_complexity, sweeps
    from allyouneed.studies.ablations import table_3
    from allyouneed.studies.courses import study
    from allyouneed.studies.records import recorded
    from allyouneed.studies.registered_sweeps import Grid
    from allyouneed.studies.small_tasks import Lesson, examine, learn, practise, seek
    from allyouneed.studies.sweeps import sweep
    from allyouneed.studies.translation_study import Study, fresh
else:
    __getattr__, __all__ = door(__name__)
