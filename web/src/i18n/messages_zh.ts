// What the server and the library say, in Chinese. {names} are filled in with values.

// By code; {reason} is the English message.
export const errorsZh: Readonly<Record<string, string>> = {
  usage: "无法接受：{reason}",
  data: "数据有误：{reason}",
  model: "模型或权重有误：{reason}",
  output: "无法写入：{reason}",
  diverged: "训练发散：{reason}",
  internal: "内部错误：{reason}",
  no_page: "没有这个地址。",
  no_run: "没有这个名称的训练。",
  no_session: "这个游乐场会话已不存在，请重新打开页面。",
  no_report: "还没有报告。运行 gradus report 可生成。",
  report_size: "报告太大，无法显示。",
  not_training: "这里目前没有训练在进行。可用 gradus train --out 目录 --resume 继续。",
  busy: "等待处理的请求太多，请稍后再试。",
  playgrounds: "打开的游乐场太多，请先关闭其中一个页面。",
  connections: "打开的页面太多，请关闭一些。",
  token: "需要令牌。请打开 gradus board 输出的地址（含 ?token=…）。",
  host: "此看板不认识这个主机名。请打开 gradus board 输出的地址。",
  origin: "请求来自其他网站的页面，已拒绝。",
  content_type: "请求体必须是 JSON。",
  method: "此地址不支持这种请求方法。",
  address: "地址格式有误。",
  header_size: "请求头太长。",
  body_size: "请求体太长。",
};

// By wording: what was seen, and what to do (src/train/health/wording.cpp has the English sentences).
export const findingsZh: Readonly<Record<string, readonly [string, string]>> = {
  "vanishing_gradients": [
    "梯度在反向传播中消失：在 {last_layer} 处范数为 {last}，在此处为 {first}，仅为 {part} 分之一（第 {before} 步为 {part_before} 分之一）",
    "用 relu 代替 sigmoid 或 tanh，加入 batch_norm 或残差连接，或用 he_normal 或 glorot_uniform 初始化权重",
  ],
  "exploding_gradients": [
    "梯度在反向传播中爆炸：在 {last_layer} 处范数为 {last}，在此处为 {first}，是其 {times} 倍",
    "用 --clip-norm 1 裁剪梯度，减小 --lr，或用 he_normal 或 glorot_uniform 初始化权重",
  ],
  "exploding_gradients.grown": [
    "梯度范数为 {norm}，第 {before} 步时为 {norm_before}；损失从 {loss_before} 升到 {loss}",
    "用 --clip-norm 1 裁剪梯度，减小 --lr，或用 he_normal 或 glorot_uniform 初始化权重",
  ],
  "no_gradient": [
    "没有梯度到达：第 {before} 步和第 {step} 步 dL/dy 在此处恰为 0，而在 {last_layer} 处为 {last}",
    "检查其后是否有全零权重或失活的 relu 单元，并用 he_normal 初始化；或用 --freeze 将其排除",
  ],
  "no_gradient.unreachable": ["损失不经由任何传递梯度的运算依赖于它", "将它连接到输出，或用 --freeze 将其排除"],
  "dying_units": [
    "第 {step} 步时，{units} 个单元中有 {percent} % 对整批样本输出 0",
    "减小 --lr，用 leaky_relu 代替 relu，或在其前加 batch_norm",
  ],
  "dying_units.since": [
    "第 {step} 步时，{units} 个单元中有 {percent} % 对整批样本输出 0（第 {before} 步为 {percent_before} %）",
    "减小 --lr，用 leaky_relu 代替 relu，或在其前加 batch_norm",
  ],
  "saturation": [
    "第 {step} 步时 {percent} % 的输出已饱和：斜率接近 0 的地方梯度无法通过",
    "用 --standardize on 缩放输入，用 glorot_uniform 初始化，减小 --lr，或在其前加 batch_norm",
  ],
  "saturation.since": [
    "第 {step} 步时 {percent} % 的输出已饱和（第 {before} 步为 {percent_before} %）：斜率接近 0 的地方梯度无法通过",
    "用 --standardize on 缩放输入，用 glorot_uniform 初始化，减小 --lr，或在其前加 batch_norm",
  ],
  "high_learning_rate": [
    "学习率 {lr} 过大：第 {update} 次更新使权重矩阵（中位数）改变了 {percent} %（通常为 0.1 %）",
    "取 --lr {better}，或用 gradus lr-find 寻找合适的值",
  ],
  "high_learning_rate.risen": [
    "学习率 {lr} 过大：第 {update} 次更新使权重矩阵（中位数）改变了 {percent} %（通常为 0.1 %），损失从 {loss_before} 升到 {loss}",
    "取 --lr {better}，或用 gradus lr-find 寻找合适的值",
  ],
  "low_learning_rate": [
    "学习率 {lr} 过小：一次更新只使权重矩阵（中位数）改变 {percent} %（通常为 0.1 %）；第 {before} 步损失为 {loss_before}，现在为 {loss}",
    "取 --lr {better}，或用 gradus lr-find 寻找合适的值",
  ],
  "overfitting": [
    "网络在死记训练样本：自第 {epoch} 轮起，验证损失从 {val_before} 升到 {val}，而训练损失从 {train_before} 降到 {train}",
    "增加数据或使用 --augment，加入 dropout、--weight-decay 或 --label-smoothing，或减小网络；最佳一轮的权重会保留",
  ],
  "unrelated_labels": [
    "标签似乎与输入无关：{epochs} 轮后最低训练损失为 {loss}，而不看输入的回答就能得到 {chance}",
    "确认标签的第 i 行对应输入的第 i 行（其中之一可能被单独排序或打乱）；若对应无误，请用更大的网络或更多轮次",
  ],
  "unrelated_labels.validation": [
    "标签似乎与输入无关：{epochs} 轮后最低验证损失为 {loss}，而不看输入的回答就能得到 {chance}",
    "确认标签的第 i 行对应输入的第 i 行（其中之一可能被单独排序或打乱）；若对应无误，请用更大的网络或更多轮次",
  ],
  "not_finite.node": [
    "第 {step} 步出现非有限数：第一个 NaN 或无穷大来自 {node}",
    "减小 --lr，或用 --clip-norm 1 裁剪梯度",
  ],
  "not_finite.variable": ["第 {step} 步出现非有限数：“{variable}” 为 NaN 或无穷大", "减小 --lr，或用 --clip-norm 1 裁剪梯度"],
  "not_finite.loss": ["第 {step} 步出现非有限数：损失为 NaN 或无穷大", "减小 --lr，或用 --clip-norm 1 裁剪梯度"],
  "unscaled_inputs": ["列 {large} 的均方根为 {large_size}；输入大小约为 1 时训练效果最好", "加上 --standardize on"],
  "unscaled_inputs.apart": [
    "列 {large} 的均方根为 {large_size}，列 {small} 的为 {small_size}；输入大小约为 1 时训练效果最好",
    "加上 --standardize on",
  ],
  "unscaled_inputs.whole": ["输入的均方根为 {large_size}；输入大小约为 1 时训练效果最好", "加上 --standardize on"],
  "unshuffled_labels.validation": [
    "{all} 个验证样本中有 {examples} 个属于训练样本中没有的类别（{classes}）",
    "划分之前先打乱样本，或使用 val_split 和 test=",
  ],
  "unshuffled_labels.test": [
    "{all} 个测试样本中有 {examples} 个属于训练样本中没有的类别（{classes}）",
    "划分之前先打乱样本，或使用 val_split 和 test=",
  ],
  "wrong_loss.one_output": ["单个输出的 softmax 恒为 1，因此损失为 0", "让最后一层每类一个单元，或取 --loss sigmoid_cross_entropy"],
  "wrong_loss.twice": ["{kind} 做了两次：最后一层一次，{loss} 又一次", "去掉最后的 {kind}"],
  "wrong_loss.bounded": ["{loss} 需要 logits，即任意数值，而 {kind} 限制了其范围", "去掉最后的 {kind}"],
  "wrong_loss.range": [
    "{kind} 的输出在 {low} 到 {high} 之间，而目标值在 {targets_low} 到 {targets_high} 之间",
    "去掉最后的 {kind}",
  ],
};
