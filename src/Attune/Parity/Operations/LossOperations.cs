using Attune.Formats;
using Attune.Parity.Layouts;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;

namespace Attune.Parity.Operations;

/// <summary>Losses.</summary>
internal static class LossOperations
{
    public static IReadOnlyDictionary<string, ReferenceOperation> All { get; } = new Dictionary<string, ReferenceOperation>
    {
        ["cross_entropy"] = CrossEntropy,
        ["bce_with_logits"] = (tape, inputs) => Mean(inputs, tape.BinaryCrossEntropyWithLogits(inputs["logits"], inputs["targets"])),
        ["mse"] = (tape, inputs) => Mean(inputs, tape.MeanSquaredError(inputs["x"], inputs["y"])),
        ["l1"] = (tape, inputs) => Mean(inputs, tape.MeanAbsoluteError(inputs["x"], inputs["y"])),
        ["kl_div"] = (tape, inputs) =>
            Loss(tape.KlDivergence(inputs["student"], inputs["teacher"], (float)inputs.Arguments.Float("temperature", 1))),
        ["distillation"] = DistillationCall.Run,
        ["cosine_embedding"] = (tape, inputs) => Mean(inputs, tape.CosineEmbedding(
            inputs["a"], inputs["b"], Signs(inputs["target"]), (float)inputs.Arguments.Float("margin", 0))),
    };

    private static Dictionary<string, Tensor> Loss(Tensor loss) => new() { ["loss"] = loss };

    private static Dictionary<string, Tensor> Mean(OperationInputs inputs, Tensor loss)
    {
        string reduction = inputs.Arguments.String("reduction", "mean");
        return reduction == "mean" ? Loss(loss) : throw new UnknownCaseException("reduction", reduction);
    }

    private static int[] Signs(Tensor targets) => Array.ConvertAll(targets.ToArray(), t => (int)t);

    private static Dictionary<string, Tensor> CrossEntropy(Tape tape, OperationInputs inputs)
    {
        JsonFields args = inputs.Arguments;
        LossReduction reduction = args.String("reduction", "mean") switch
        {
            "mean" => LossReduction.Mean,
            "sum" => LossReduction.Sum,
            "none" => LossReduction.None,
            var other => throw new UnknownCaseException("reduction", other),
        };
        return Loss(tape.CrossEntropy(
            inputs["logits"], inputs.Ints("labels"), args.Int("ignore_index", -100), (float)args.Float("label_smoothing", 0), reduction));
    }
}
