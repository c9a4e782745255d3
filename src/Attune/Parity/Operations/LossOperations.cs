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
        ["bce_with_logits"] = BinaryCrossEntropy,
        ["mse"] = (tape, inputs) => Elementwise(tape, inputs, tape.Square(tape.Subtract(inputs["x"], inputs["y"]))),
        ["l1"] = (tape, inputs) => Elementwise(tape, inputs, tape.Abs(tape.Subtract(inputs["x"], inputs["y"]))),
        ["kl_div"] = Divergence,
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

    private static Dictionary<string, Tensor> Elementwise(Tape tape, OperationInputs inputs, Tensor losses) =>
        inputs.Arguments.String("reduction", "mean") is "none" ? Loss(losses) : Reduced(tape, inputs, tape.Mean(losses), losses.Count);

    private static Dictionary<string, Tensor> Divergence(Tape tape, OperationInputs inputs)
    {
        Tensor student = inputs["student"], perRow = tape.KlDivergence(student, inputs["teacher"], (float)inputs.Arguments.Float("temperature", 1));
        return inputs.Arguments.String("reduction", "batchmean") switch
        {
            "batchmean" => Loss(perRow),
            "sum" => Loss(tape.Scale(perRow, student.Shape.Rows)),
            "mean" => Loss(tape.Scale(perRow, 1f / student.Shape.Width)),
            var other => throw new UnknownCaseException("reduction", other),
        };
    }

    // PyTorch divides by the number of elements also where they have weights, Attune by the sum of the weights.
    private static Dictionary<string, Tensor> BinaryCrossEntropy(Tape tape, OperationInputs inputs)
    {
        Tensor logits = inputs["logits"], targets = inputs["targets"];
        float[] weights = new float[logits.Count];
        float[] given = inputs.Find("weight")?.ToArray() ?? [1], positive = inputs.Find("pos_weight")?.ToArray() ?? [1], target = targets.ToArray();
        if (positive is not [1] && target.Any(t => t is not (0 or 1)))
            throw new UnknownCaseException("setting", "pos_weight with soft targets");
        // Both stand for the last axes of the logits.
        for (int i = 0; i < weights.Length; i++)
            weights[i] = given[i % given.Length] * (target[i] == 1 ? positive[i % positive.Length] : 1);
        double total = weights.Sum(w => (double)w);
        Tensor mean = tape.BinaryCrossEntropyWithLogits(logits, targets, Tensor.From(logits.Shape, weights));
        return Reduced(tape, inputs, tape.Scale(mean, (float)(total / weights.Length)), weights.Length);
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
        if (inputs.Find("weight") is { } weights)
        {
            return Loss(tape.CrossEntropy(
                inputs["logits"], inputs.Ints("labels"), weights.ToArray(), args.Int("ignore_index", -100), (float)args.Float("label_smoothing", 0), reduction));
        }
        return Loss(tape.CrossEntropy(
            inputs["logits"], inputs.Ints("labels"), args.Int("ignore_index", -100), (float)args.Float("label_smoothing", 0), reduction));
    }
}
