"""Run esda on the Columbus data of ../c01_columbus and write expected.json; takes about a minute."""

import json
import re
import warnings
from pathlib import Path

import esda
import libpysal
import numpy as np
import pandas as pd
from libpysal.weights import W
from scipy import __version__ as scipy_version

warnings.simplefilter("ignore")
FOLDER = Path(__file__).parent
CASE = FOLDER.parent / "c01_columbus"
PERMUTATIONS = 99_999


def main() -> None:
    data = pd.read_csv(CASE / "autocorrelation_data.csv", index_col="id")
    links = pd.read_csv(CASE / "autocorrelation_w.csv")
    neighbours = {i: links.loc[links["i"] == i, "j"].tolist() for i in data.index}
    binary = W(neighbours, id_order=list(data.index), silence_warnings=True)
    binary.transform = "r"
    y, x = data["CRIME"].to_numpy(), data["INC"].to_numpy()
    options = {"permutations": PERMUTATIONS, "seed": 12345, "n_jobs": 1}
    local = esda.Moran_Local(y, binary, **options)
    both = esda.Moran_Local_BV(x, y, binary, **options)
    np.random.seed(12345)  # noqa: NPY002 the global statistics of esda take no seed
    globally = esda.Moran(y, binary, permutations=9999)
    geary = esda.Geary(y, binary, permutations=9999)
    pair = esda.Moran_BV(x, y, binary, permutations=9999)
    star = esda.G_Local(y, binary, star=True, permutations=PERMUTATIONS, seed=12345, n_jobs=1)
    result = {
        "versions": {"esda": esda.__version__, "libpysal": libpysal.__version__, "scipy": scipy_version},
        "moran": {"I": globally.I, "p_sim": globally.p_sim},
        "geary": {"C": geary.C, "p_sim": geary.p_sim},
        "bivariate": {"I": pair.I, "p_sim": pair.p_sim},
        "local_moran": {"Is": local.Is.tolist(), "p_sim": local.p_sim.tolist()},
        "local_bivariate": {"Is": both.Is.tolist(), "p_sim": both.p_sim.tolist()},
        "local_g_star": {"p_sim": star.p_sim.tolist()},
    }
    text = re.sub(r"\n {2,}(?=[-\d\]])", " ", json.dumps(result, indent=1))
    (FOLDER / "expected.json").write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
