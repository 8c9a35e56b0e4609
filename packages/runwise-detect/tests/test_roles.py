from __future__ import annotations

import pytest

from runwise_detect.roles import assign, better, judged_losses, role_of

# Names as they occur in public repositories.
NAMES = {
    "train_loss": "loss|Loss|train_loss|train/loss|training_loss|Loss/Train|TrainLoss|Train loss|"
    "total_loss|train/total_loss|train_loss_step|train/loss_epoch|epoch_loss|average_loss|"
    "loss/loss|metrics/loss_per_step|train/train_loss|trainloss",
    "val_loss": "val_loss|val/loss|eval_loss|eval/loss|test_loss|Loss/val|Loss/Validation|ValLoss|"
    "Val Loss|valid_loss|Validation Loss|epoch_val_loss|average_val_loss|final/val_loss|"
    "evaluation_loss_vs_iterations",
    "loss": "train/box_loss|train/cls_loss|val/dfl_loss|loss_rpn_cls|loss_box_reg|lm loss|loss_q3|"
    "train/loss_kl|loss_pde_vx|loss_data_v|train_reconstruction_loss|cross_entropy_loss",
    "moving_loss": "Policy Loss|train/value_loss|losses/policy_loss|train/entropy_loss|d_loss|"
    "D_loss|g_loss|train/policy_gradient_loss|train/loss_critic|Loss/surrogate|Loss/pi|"
    "discriminator loss agent",
    "learning_rate": "lr|LR|learning_rate|train/lr|train/learning_rate|x/lr0|lr/pg2|lr-AdamW|"
    "Loss/learning_rate|base_lr|Learning Rate|charts/learning_rate",
    "gradient_norm": "grad_norm|train/grad_norm|losses/grad_norm|grad-norm|gnorm|grad_norm_square",
    "layer_gradient_norm": "grad_norm/layer0|grad/norm_gamma|grad_norm/encoder.weight",
    "throughput": "samples_per_sec|train_samples_per_second|steps_per_second|time/fps|wps|"
    "throughput_images_per_sec|global_step/sec|Perf/total_fps|tokens/s|sys/throughput",
    "score": "accuracy|val_acc|train/ACC|metrics/mAP_0.5:0.95|metrics/mAP50-95(B)|F1 Score|auc|"
    "metrics/precision(B)|fast_rcnn/cls_accuracy|rewards/accuracies|train/IoU_veh|train_acc5|"
    "eval/success_once",
    "error": "val_mse|eval_wer|val_perplexity|val/bpb|MAPE|rmse",
    "reward": "rollout/ep_rew_mean|train/return|Episode reward|rewards/margins|eval/reward",
    "step": "step|_step|iteration|iter|train/global_step|trainer/global_step|episodes|"
    "time/total_timesteps|current_steps",
    "epoch": "epoch|Epoch|train/epoch",
    "clock": "_runtime|_timestamp|time/time_elapsed|wall_time",
    "stage": "stage|curriculum/stage|phase",
    None: "memory|total_flos|eval_runtime|eval_samples_per_second|train_runtime|loss-scale|"
    "losses/approx_kl|losses/clipfrac|losses/entropy|loss/clip_factor|reward_std|total_steps|"
    "lm loss vs samples|grad-norm vs samples|setup/grad_accum_steps|time/step|eta_seconds|"
    "rollout/ep_len_mean|data_time|final/ACC_std|rewards/rejected|train/tokens_seen",
}
ROWS = [(name, role) for role, names in NAMES.items() for name in names.split("|")]


@pytest.mark.parametrize(("name", "role"), ROWS)
def test_a_name_has_its_role(name, role):
    assert role_of(name) == role


@pytest.mark.parametrize(
    ("name", "end"),
    [
        ("train/loss", "min"),
        ("val_perplexity", "min"),
        ("metrics/mAP50(B)", "max"),
        ("episode_reward", "max"),
        ("time/fps", "max"),
        ("losses/policy_loss", None),
        ("lr", None),
        ("memory", None),
    ],
)
def test_a_metric_has_a_better_end_where_that_is_known(name, end):
    assert better(name) == end


@pytest.mark.parametrize(
    ("names", "total"),
    [
        (["train_loss", "loss", "eval_loss"], "loss"),
        (["train/train_loss", "train/loss"], "train/loss"),
        (["train_loss_epoch", "train_loss_step"], "train_loss_step"),
        (["loss_cls", "total_loss", "loss_box_reg"], "total_loss"),
        (["train_ce_loss", "train_kl_loss"], "train_ce_loss"),
        (["lm loss", "lm loss vs samples", "loss-scale"], "lm loss"),
    ],
)
def test_of_several_losses_the_curve_is_the_total(names, total):
    assert [name for name, role in assign(names).items() if role == "train_loss"] == [total]


def test_of_several_validation_losses_one_is_the_validation_loss():
    roles = assign(["test_loss", "val_loss", "val/box_loss", "loss"])
    assert [name for name, role in roles.items() if role == "val_loss"] == ["val_loss"]


def test_without_a_total_all_parts_are_judged():
    yolo = ["train/box_loss", "train/cls_loss", "val/box_loss", "metrics/precision", "x/lr0"]
    assert judged_losses(assign(yolo)) == ["train/box_loss", "train/cls_loss", "val/box_loss"]


def test_with_a_total_its_parts_are_left_alone():
    names = ["loss_cls", "total_loss", "val_loss", "d_loss"]
    assert judged_losses(assign(names)) == ["total_loss", "val_loss"]
