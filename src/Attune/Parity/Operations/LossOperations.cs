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
        ["bce_with_logits"] = (tape, inputs) =>
            Reduced(tape, inputs, tape.BinaryCrossEntropyWithLogits(inputs["logits"], inputs["targets"]), inputs["logits"].Count),
        ["mse"] = (tape, inputs) => Reduced(tape, inputs, tape.MeanSquaredError(inputs["x"], inputs["y"]), inputs["x"].Count),
        ["l1"] = (tape, inputs) => Reduced(tape, inputs, tape.MeanAbsoluteError(inputs["x"], inputs["y"]), inputs["x"].Count),
        ["kl_div"] = (tape, inputs) => inputs.Arguments.String("reduction", "batchmean") is "batchmean"
            ? Loss(tape.KlDivergence(inputs["student"], inputs["teacher"], (float)inputs.Arguments.Float("temperature", 1)))
            : throw new UnknownCaseException("reduction", inputs.Arguments.String("reduction")),
        ["distillation"] = DistillationCall.Run,
        ["cosine_embedding"] = (tape, inputs) => Reduced(
            tape, inputs, tape.CosineEmbedding(inputs["a"], inputs["b"], Signs(inputs["target"]), (float)inputs.Arguments.Float("margin", 0)),
            inputs["target"].Count),
    };

    private static Dictionary<string, Tensor> Loss(Tensor loss) => new() { ["loss"] = loss };

    // Attune's losses are means; a sum is as many times as much.
    private static Dictionary<string, Tensor> Reduced(Tape tape, OperationInputs inputs, Tensor mean, long count) =>
        inputs.Arguments.String("reduction", "mean") switch
        {
            "mean" => Loss(mean),
            "sum" => Loss(tape.Scale(mean, count)),
            var other => throw new UnknownCaseException("reduction", other),
        };

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
