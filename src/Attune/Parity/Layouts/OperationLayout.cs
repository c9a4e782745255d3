using Attune.Formats;
using Attune.Parity.Comparison;
using Attune.Parity.Models;
using Attune.Parity.Operations;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;

namespace Attune.Parity.Layouts;

/// <summary>
/// One operation: <c>op</c>, <c>args</c>, <c>outputs</c> and <c>grads</c> in <c>case.json</c>. The gradients are those of
/// <c>sum(output * input.grad_output)</c> over all outputs or, where no such inputs are given, of <c>output.loss</c> itself.
/// </summary>
internal sealed class OperationLayout : ICaseLayout
{
    private const string UpstreamPrefix = "grad_output.";

    /// <inheritdoc/>
    public bool Recognises(CaseFolder folder) => folder.Case is { } golden && golden.Has("op") && golden.Has("outputs");

    /// <inheritdoc/>
    public IEnumerable<Func<ParityResult>> Cases(CaseFolder folder)
    {
        JsonFields golden = folder.Case!;
        yield return CaseRun.OfTensors(folder, "operation", () => golden.String("op"), comparison =>
        {
            ReferenceOperation operation = ReferenceOperations.Find(golden.String("op"));
            using var tensors = GoldenTensors.Open(folder.File(CaseFolder.ExpectedName));
            IReadOnlyList<string> trained = golden.StringArrayOrNull("grads") ?? [];
            var inputs = new OperationInputs(tensors, golden.ChildOrNull("args") ?? JsonFields.Parse("{}"u8, golden.Path), trained);

            var tape = new Tape();
            tape.Begin(recording: true, training: true);
            IReadOnlyDictionary<string, Tensor> outputs = operation(tape, inputs);
            inputs.RequireAllRead(UpstreamPrefix);
            foreach (string name in golden.StringArray("outputs"))
            {
                if (outputs.TryGetValue(name, out Tensor? value))
                    comparison.Compare(NumberKind.Output, tensors.Get("output." + name), value);
                else
                    comparison.Fail(NumberKind.Output, "output." + name, "Attune's operation gives no output of this name");
            }
            if (trained.Count == 0)
                return;
            tape.Backward(Total(tape, outputs, tensors));
            foreach (string name in trained)
            {
                if (inputs.Gradient(name) is { } gradient)
                    comparison.Compare(NumberKind.Gradient, tensors.Get("grad." + name), gradient);
                else
                    comparison.Fail(NumberKind.Gradient, "grad." + name, "no gradient reached the input");
            }
        });
    }

    private static Tensor Total(Tape tape, IReadOnlyDictionary<string, Tensor> outputs, GoldenTensors tensors)
    {
        Tensor? total = null;
        foreach (string name in tensors.Names("input." + UpstreamPrefix))
        {
            if (!outputs.TryGetValue(name, out Tensor? output))
                continue;
            Tensor upstream = OptimizerLayout.TensorOf(tensors.Get("input." + UpstreamPrefix + name));
            Tensor part = tape.Sum(tape.Multiply(output, upstream));
            total = total is null ? part : tape.Add(total, part);
        }
        return total ?? outputs["loss"];
    }
}
