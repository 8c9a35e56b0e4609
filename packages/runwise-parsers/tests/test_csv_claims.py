"""Which tables of a project are trainings, and which are left alone."""

from __future__ import annotations

import os

import pytest

from runwise_parsers import find_runs, open_run
from runwise_parsers.gap import LFS_POINTER
from runwise_parsers.sources.csv import Csv


def rows(count, line):
    return "".join(f"{line(number)}\n" for number in range(count))


LOGS = {
    "training.log": "epoch,accuracy,loss,val_loss\n" + rows(5, lambda n: f"{n},0.{n},1.{n},NA"),
    "output_folder/fold0/log.csv": "Epoch,TrainLoss,ValRho,LR\r\n0,48.4,0.2,0.1\r\n1,41,0.4,0.1",
    "log.csv": "epoch,loss\n0,1.5",
    "exp_a.csv": "epoch,train_loss\n0,1.5",
    "metrics.csv": "step,train_loss\n",
    "resnet_run3.csv": "iteration,x,y\n" + rows(5, lambda n: f"{n},{n * 2},3"),
    "train_log.csv": "train_loss,val_loss\n" + rows(5, lambda n: f"1.{n},2.{n}"),
    "history.csv": ",loss,val_loss\n" + rows(5, lambda n: f"{n},1.{n},2.{n}"),
    "several.csv": "epoch,loss\n" + rows(30, lambda n: f"{n % 10},1.{n}"),
    "batches.csv": "epoch,batch,loss\n" + rows(50, lambda n: f"{n // 10},{n % 10},1.{n}"),
    "long.csv": "step,metric,value\n" + rows(20, lambda n: f"{n // 2},{'ab'[n % 2]}cc,0.{n}"),
    "typed.csv": "step,type,loss\n" + rows(20, lambda n: f"{n // 2},{['train', 'val'][n % 2]},1"),
    "wandb_export_1.csv": '"Step","a - loss","b - loss"\n' + rows(5, lambda n: f'"{n}","1","2"'),
    "run-.-tag-loss.csv": "Wall time,Step,Value\n" + rows(5, lambda n: f"{1.7e9 + n},{n},0.{n}"),
    "progress.txt": "Epoch\tAverageEpRet\tTime\n" + rows(5, lambda n: f"{n}\t{n * 3}\t{n}.5"),
    "rllib/progress.csv": "training_iteration,timesteps_total,date,trial_id,hostname,done\n"
    + rows(5, lambda n: f"{n + 1},{n * 4000},2026-01-01_10-00-0{n},abc_000,host,False"),
    "detailed_log.csv": "epoch,time,train loss,best model\n"
    + rows(5, lambda n: f"{n},0:00:1{n},1.{n},ckpt_{n}.pt"),
    "seeds.csv": "seed,step,episode_reward\n" + rows(5, lambda n: f"3,{n * 10},{n}"),
    "cv_log.csv": "fold,epoch,train_loss\n" + rows(30, lambda n: f"{n // 10},{n % 10},1.{n}"),
    "clip.csv": "step,loss_image,loss_text,param_norm,batch_id\n"
    + rows(9, lambda n: f"{n},1.{n},2.{n},3.{n},{n * 7}"),
    "episodes.csv": "volume,episode,global_episode,seed,total_reward\n"
    + rows(40, lambda n: f"{n // 15},{n % 15},{n},{n},{n}.5"),
    "generations.csv": "generation,best,mean,loss\n" + rows(9, lambda n: f"{n},{n}.5,{n}.25,1"),
    "federated.csv": "round,client_id,loss\n" + rows(9, lambda n: f"{n // 3},{n % 3},1.{n}"),
    "short_folds.csv": "epoch,train_loss\n" + rows(12, lambda n: f"{n % 3},1.{n}"),
    "losses.csv": "iter,D_loss,G_loss\n" + rows(5, lambda n: f"{n * 100},1.{n},2.{n}"),
    "rewards.csv": "Episode,Reward\n" + rows(5, lambda n: f"{n},{n * 2}"),
    "percent.tsv": "epoch\tacc\n" + rows(5, lambda n: f"{n}\t{n}.5%"),
    "half.csv": "epoch;loss\n" + rows(5, lambda n: f"{n};0,{n}"),
    "one_model.csv": "epoch,model,train_loss\n" + rows(5, lambda n: f"{n},resnet,1.{n}"),
    "results.txt": "  0/99  1.37G  0.04  0.06  0.02  0.13  106  640  0.4  0.3  0.3  0.1  0.5\n",
}  # fmt: skip
TABLES = {
    "iris.csv": "sepal_length,sepal_width,species\n" + rows(9, lambda n: f"5.{n},3.{n},setosa"),
    "train.csv": "label,pixel0,pixel1\n" + rows(9, lambda n: f"{n % 3},{n},{n}"),
    "titanic/train.csv": "PassengerId,Survived,Name,Age\n"
    + rows(9, lambda n: f'{n},0,"B, {n}",3{n}'),
    "predictions.csv": "id,prediction\n" + rows(9, lambda n: f"{n},0.{n}"),
    "images/results.csv": "image,label,pred,score\n" + rows(9, lambda n: f"{n}.png,1,0,0.{n}"),
    "training_log.csv": "lr,batch_size,hidden,epochs,train_loss,val_loss\n"
    + rows(9, lambda n: f"0.0{n},{2**n},{n * 10},10,1.{n},2.{n}"),
    "sweep/results.csv": "lr,batch_size,epochs,val_acc\n"
    + rows(9, lambda n: f"0.0{n % 3},{2 ** (n % 3)},{10 * (n // 3)},0.{n}"),
    "grid/results.csv": "lr,epochs,val_acc\n"
    + rows(9, lambda n: f"0.{n // 3},{10 * (n % 3)},0.{n}"),
    "losses.csv": "image_id,loss\n" + rows(9, lambda n: f"{n * 7},0.{n}"),
    "experiments.csv": "run_id,model,lr,epoch,test_loss\n"
    + rows(9, lambda n: f"{n},m{n},0.1,100,1.{n}"),
    "optuna/log.csv": "number,value,params_lr,params_layers,state\n"
    + rows(9, lambda n: f"{n},0.{n},0.01,{n % 4},COMPLETE"),
    "payments.csv": "step,type,amount,nameOrig,isFraud\n"
    + rows(99, lambda n: f"1,PAYMENT,{n * 3.5},C{n * 977},0"),
    "stock.csv": "Date,Open,High,Low,Close\n" + rows(9, lambda n: f"2020-01-0{n + 1},1,2,3,4"),
    "sensor.csv": "timestamp,temp,humidity\n" + rows(9, lambda n: f"{1.6e9 + n},2{n},5{n}"),
    "orbits.csv": "epoch,x,y\n" + rows(9, lambda n: f"{1.6e9 + n},2{n},5{n}"),
    "samples.csv": "step,prompt,response,reward\n" + rows(9, lambda n: f"{n},p{n},r{n},0.{n}"),
    "leaderboard.csv": "model,params,accuracy,f1\n" + rows(9, lambda n: f"m{n},{n}M,0.{n},0.{n}"),
    "metrics.csv": "accuracy,precision,recall,f1\n0.9,0.8,0.7,0.6\n",
    "report/metrics.csv": "class,precision,recall,support\n"
    + rows(4, lambda n: f"c{n},0.{n},0.{n},10"),
    "event_log.csv": "step,event,message\n" + rows(9, lambda n: f"{n},start,word{n}"),
    "wandb_export_runs.csv": "Name,State,Runtime,epoch,loss\n"
    + rows(9, lambda n: f"run-{n},finished,{n * 99},{n * 3},0.{n}"),
    "experiment_log.csv": "Date,Model,Epoch,R2\n"
    + rows(9, lambda n: f"2023-06-2{n} 10:00:00,GMM{n},{[50, 0, 250][n % 3]},0.{n}"),
    "benchmark.csv": "batch,latency_ms,throughput\n" + rows(6, lambda n: f"{2**n},{n}.5,{n * 99}"),
    "data.csv": "0.1,0.2,0.3\n" + rows(6, lambda n: f"{n}.1,{n}.2,{n}.3"),
    "dataset.csv": "idx,step,x,y\n" + rows(9, lambda n: f"{n},{n},{n * 2},{n * 3}"),
    "ablation.csv": "method,epoch,acc\n" + rows(6, lambda n: f"m{n},100,0.{n}"),
    "grid_results.csv": "seed,epoch,test_acc\n" + rows(6, lambda n: f"{n},100,0.{n}"),
    "pid/log.csv": "cycle,target_speed,error\n" + rows(9, lambda n: f"{n},100,{n}.5"),
    "workouts/training_log.csv": "date,exercise,weight\n2024-11-27 13:37:27,press,15\n",
    "search/training_log.csv": "generation,individual,val_loss,architecture\n"
    + rows(9, lambda n: f"{n // 5},{n % 5},0.{n},{n}/k1"),
    "folds/metrics.csv": "Fold,Accuracy\n1,0.98\n2,0.97\n3,0.99\n",
    "rates/history.csv": "date,USD/NTD\n2009/01/05,33.01\n2009/01/06,33.04\n",
    "speed/training_log.csv": "hidden_size,chunk_len,total_time\n"
    + rows(9, lambda n: f"{n}00,200,1{n}.5"),
    "confusion_matrix.csv": ",cat,dog\ncat,5,1\ndog,2,7\n",
    "lr_find.csv": "lr,loss\n" + rows(6, lambda n: f"{10**-n},0.{n}"),
    "fitness_log.csv": "date,steps,calories\n"
    + rows(9, lambda n: f"2024-01-0{n + 1},{[9, 2, 7][n % 3]}000,{n}"),
    "notes.tsv": "a\tb\nfoo\tbar\nbaz\tqux\n",
    "empty/metrics.csv": "",
    "words/training.log": "epoch 1 of 10 begins\nloss goes down\n",
    "pages/results.txt": "12 of 99 pages are done\n",
    "binary/log.csv": "\x00\x01\x02,\x03\n\x04\x05",
}  # fmt: skip


@pytest.fixture
def project(tmp_path):
    """Write files and return the folder."""

    def project(files):
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return tmp_path

    return project


def found(folder):
    return {info.id: info for info in find_runs(folder, sources=[Csv()])}


@pytest.mark.parametrize("name", LOGS)
def test_a_training_is_claimed(project, name):
    folder = project({name: LOGS[name]})
    (info,) = found(folder).values()
    assert info.path == folder / name
    assert info.gaps == ()


@pytest.mark.parametrize("name", TABLES)
def test_a_table_that_is_no_training_is_left_alone(project, name):
    assert found(project({name: TABLES[name]})) == {}


@pytest.mark.parametrize("name", [name for name in TABLES if name.endswith((".csv", ".tsv"))])
def test_a_table_that_a_person_names_is_read_all_the_same(project, name):
    run = open_run(project({name: TABLES[name]}) / name, sources=[Csv()])
    assert set(run.series()) == set(run.metrics())


def test_another_file_that_a_person_names_must_look_like_a_training(project):
    folder = project({
        "curve.dat": LOGS["losses.csv"],
        "console.txt": "epoch 1, loss 0.5\nepoch 2, loss 0.25\n",
    })  # fmt: skip
    assert open_run(folder / "curve.dat", sources=[Csv()]).metrics() == ("D_loss", "G_loss")
    with pytest.raises(LookupError):
        open_run(folder / "console.txt", sources=[Csv()])


@pytest.mark.parametrize(
    "name", ["metrics.csv", "results.csv", "progress.csv", "results.txt", "training.log",
             "log.csv", "history.csv", "training_log.csv"],
)  # fmt: skip
def test_a_directory_with_one_log_is_the_run(project, name):
    folder = project({
        f"runs/big-lr/{name}": LOGS["results.txt" if name == "results.txt" else "losses.csv"],
        "runs/big-lr/confusion_matrix.csv": TABLES["confusion_matrix.csv"],
    })  # fmt: skip
    (info,) = found(folder).values()
    assert info.name == "big-lr"
    assert info.id.endswith("big-lr")
    (claim,) = Csv().claim(listed(folder / "runs/big-lr"))
    assert claim.whole


def listed(path):
    from runwise_parsers.source import Folder

    return Folder(path, files={each.name: None for each in path.iterdir()})


def test_a_directory_with_several_logs_holds_several_runs(project):
    folder = project({"runs/a.csv": LOGS["losses.csv"], "runs/log.csv": LOGS["losses.csv"]})
    assert {info.path.name for info in found(folder).values()} == {"a.csv", "log.csv"}
    assert not any(claim.whole for claim in Csv().claim(listed(folder / "runs")))
    with pytest.raises(LookupError, match="2 runs"):
        open_run(folder / "runs", sources=[Csv()])


def test_versions_of_lightning_are_runs_of_their_own_without_a_look_inside(project):
    files = {f"lightning_logs/version_{n}/metrics.csv": "epoch,step,a\n" for n in range(3)}
    files |= {f"lightning_logs/version_{n}/hparams.yaml": "{}\n" for n in range(3)}
    infos = found(project(files))
    assert sorted(infos) == [f"lightning_logs/version_{n}" for n in range(3)]
    assert {info.name for info in infos.values()} == {""}


def test_files_of_one_stem_are_told_apart(project):
    folder = project({"a.csv": LOGS["losses.csv"], "a.tsv": LOGS["percent.tsv"]})
    assert sorted(found(folder)) == ["a.csv", "a.tsv"]


def test_of_hundreds_of_tables_whose_names_say_nothing_only_some_are_looked_at(project):
    files = {f"data/part-{n:03}.csv": TABLES["iris.csv"] for n in range(300)}
    files |= {"data/part-017.csv": LOGS["losses.csv"], "data/log.csv": LOGS["losses.csv"]}
    infos = found(project(files)).values()
    assert [info.path.name for info in infos] == ["log.csv"]


def test_hundreds_of_trainings_are_all_claimed(project):
    folder = project({f"exps/lr-{n:03}.csv": LOGS["losses.csv"] for n in range(100)})
    assert len(found(folder)) == 100


@pytest.mark.parametrize(
    ("data", "because"),
    [
        (LFS_POINTER + b".github.com/spec/v1\n", "it is a git-LFS pointer, not the log"),
        ("step,loss\n0,1\n".encode("utf-16"), "it is written in UTF-16"),
    ],
)  # fmt: skip
def test_a_log_that_cannot_be_read_is_a_run_with_a_gap(project, data, because):
    folder = project({"a/metrics.csv": data, "b/iris.csv": data})
    (info,) = found(folder).values()
    assert [gap.because for gap in info.gaps] == [because]
    run = open_run(info)
    assert run.series() == run.overview(5) == run.tail(5) == run.window(None, 0, 9) == {}
    assert [gap.because for gap in run.gaps] == [because]


def test_a_directory_in_place_of_a_file_is_no_run(tmp_path):
    (tmp_path / "a" / "metrics.csv").mkdir(parents=True)
    assert found(tmp_path) == {}
    with pytest.raises(LookupError):
        open_run(tmp_path / "a" / "metrics.csv", sources=[Csv()])


def test_a_pipe_is_not_waited_for(tmp_path):
    if not hasattr(os, "mkfifo"):
        pytest.skip("there are no pipes in folders here")
    os.mkfifo(tmp_path / "log.csv")
    assert found(tmp_path) == {}


def test_a_file_that_is_gone_gives_nothing_and_says_so(project):
    folder = project({"metrics.csv": LOGS["losses.csv"]})
    (info,) = found(folder).values()
    run = open_run(info)
    (folder / "metrics.csv").unlink()
    assert run.series() == run.overview(5) == run.tail(5) == run.window(None, 0, 9) == {}
    assert run.summary() == {}
    assert [gap.because for gap in run.gaps] == ["no such file or directory"]


def test_where_nothing_looks_like_a_table_nothing_is_asked():
    import re

    pattern = re.compile(f"^(?:{Csv.looks_for})$", re.MULTILINE)
    assert all(pattern.search(name.rpartition("/")[2]) for name in [*LOGS, "A.CSV"])
    assert not pattern.search("train.py\nresults.json\ncsv/\ntraining.log.gz\nmy results.txt")
