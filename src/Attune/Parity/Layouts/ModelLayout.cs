using Attune.Backbones;
using Attune.Backbones.Folders;
using Attune.Nn.Contracts;
using Attune.Parity.Comparison;
using Attune.Parity.Models;
using Attune.Tensors.Autograd;

namespace Attune.Parity.Layouts;

/// <summary>
/// A model with its inputs: compares outputs, gradients and optimizer steps.
/// Files: <c>config.json</c>, <c>model.safetensors</c>, <c>expected.safetensors</c>, <c>case.json</c>.
/// </summary>
/// <param name="families">The families whose models can be run.</param>
internal sealed class ModelLayout(IReadOnlyList<IFamily> families) : ICaseLayout
{
    /// <inheritdoc/>
    public bool Recognises(CaseFolder folder) =>
        folder.Case is not null && folder.Has(ModelFolder.ConfigName) && folder.Has(CaseFolder.ExpectedName);

    /// <inheritdoc/>
    public IEnumerable<Func<ParityResult>> Cases(CaseFolder folder)
    {
        GoldenModel? golden = null;
        yield return CaseRun.OfTensors(folder, "model", () => (golden = GoldenModel.Read(folder, families)).Family.ModelType, comparison =>
        {
            using var tensors = GoldenTensors.Open(folder.File(CaseFolder.ExpectedName));
            Model model = golden!.Load();
            IPreparedCall call = ReferenceCalls.Prepare(golden, model, tensors);
            CompareOutputs(call, tensors, comparison);
            CompareGradients(golden, model, call, tensors, comparison);
            CompareSteps(golden, model, call, tensors, comparison);
        });
    }

    // Twice: as somebody uses the model, and with the trace that keeps what is otherwise given back on the way.
    private static void CompareOutputs(IPreparedCall call, GoldenTensors tensors, TensorComparison comparison)
    {
        var tape = new Tape();
        HashSet<string> given = [];
        foreach (Trace? trace in (ReadOnlySpan<Trace?>)[null, new Trace { Encoder = new Trace() }])
        {
            tape.Begin(recording: false);
            CallOutputs outputs = call.Run(new Pass(tape, trace));
            foreach ((string name, ComparedValues values) in outputs.Named())
            {
                if (tensors.Find("output." + name) is not { } expected)
                    continue;
                given.Add(name);
                comparison.Compare(NumberKind.Output, expected, values);
            }
        }
        foreach (string name in tensors.Names("output.").Where(name => !given.Contains(name)))
            comparison.Fail(NumberKind.Output, "output." + name, "Attune's call gives no output of this name");
    }

    private static void CompareGradients(
        GoldenModel golden, Model model, IPreparedCall call, GoldenTensors tensors, TensorComparison comparison)
    {
        if (!tensors.Names("grad.").Any())
            return;
        var tape = new Tape();
        tape.Begin(recording: true);
        tape.Backward(call.Run(new Pass(tape)).RequiredLoss);
        HashSet<string> expected = [.. tensors.Names("grad.").Select(golden.FullName)];
        foreach (string name in tensors.Names("grad."))
        {
            if (golden.Parameter(name) is not { } parameter)
                comparison.Fail(NumberKind.Gradient, "grad." + name, "Attune's model has no parameter of this name");
            else if (parameter.Value.Grad is { } gradient)
                comparison.Compare(NumberKind.Gradient, tensors.Get("grad." + name), gradient);
            else if (tensors.Get("grad." + name).ToFloat32() is var reached && reached.AsSpan().ContainsAnyExcept(0f))
                comparison.Fail(NumberKind.Gradient, "grad." + name, "no gradient reached the parameter");
            else // An expert without tokens: nothing reaches it here, and zeros do in some references.
                comparison.Compare(NumberKind.Gradient, tensors.Get("grad." + name), new ComparedValues(parameter.Shape.ToArray(), new float[reached.Length]));
        }
        foreach ((string name, Nn.Parameters.Parameter parameter) in model.NamedParameters())
        {
            if (!expected.Contains(golden.FullName(name)) && parameter.Value.Grad is { } gradient && gradient.Span.ContainsAnyExcept(0f))
                comparison.Fail(NumberKind.Gradient, "grad." + name, "a gradient reached the parameter, which has none in the reference");
        }
        foreach ((_, Nn.Parameters.Parameter parameter) in model.NamedParameters())
            parameter.Value.ClearGradient();
    }

    private static void CompareSteps(
        GoldenModel golden, Model model, IPreparedCall call, GoldenTensors tensors, TensorComparison comparison)
    {
        if (tensors.Find("train.losses") is not { } losses)
            return;
        GoldenTraining training = GoldenTraining.Read(golden.Case, model);
        float[] found = new float[training.Steps];
        var tape = new Tape();
        for (int step = 0; step < training.Steps; step++)
        {
            tape.Begin(recording: true);
            Tensors.Tensor loss = call.Run(new Pass(tape)).RequiredLoss;
            found[step] = loss.Item;
            tape.Backward(loss);
            training.Step();
        }
        comparison.Compare(NumberKind.Step, losses, new ComparedValues([found.Length], found));
        foreach (string name in tensors.Names("train.after."))
        {
            // What carries nothing of its own is in no model, and nothing moves it.
            if (WeightNames.IsRedundant(name, golden.Family) && golden.Parameter(name) is null)
                continue;
            if (golden.Parameter(name) is { } parameter)
                comparison.Compare(NumberKind.Step, tensors.Get("train.after." + name), parameter.Value);
            else
                comparison.Fail(NumberKind.Step, "train.after." + name, "Attune's model has no parameter of this name");
        }
    }
}
