using Attune.Nn.Contracts;
using Attune.Parity.Comparison;
using Attune.Parity.Models;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Xunit;

namespace Attune.Parity.Tests;

/// <summary>Golden cases in other precisions than the reference's, on every instruction set that the machine has.</summary>
public sealed class PrecisionTests
{
    /// <summary>How far a number may be from the reference, as a share of the largest of its tensor.</summary>
    private const double Tolerance = 2e-2;

    public static TheoryData<string> Cases =>
    [
        "bert/mlm", "bert/pretraining", "bert/question_answering", "bert/sequence_classification", "bert/token_classification",
        "gpt2/lm", "gpt2/sequence_classification",
    ];

    public static TheoryData<string> Trainings => ["bert/mlm", "bert/pretraining", "gpt2/lm"];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Outputs_in_bfloat16_are_near_the_reference(string name) => ExpectOutputs(name, Precision.BFloat16, Tolerance);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Outputs_in_int8_are_near_the_reference(string name) => ExpectOutputs(name, Precision.Int8, 2 * Tolerance);

    [Theory]
    [MemberData(nameof(Trainings))]
    public void Training_in_bfloat16_learns_as_in_float32(string name)
    {
        foreach (InstructionSet set in Isa.Available)
        {
            using var force = Isa.Force(set);
            float[] losses = Train(name, Precision.BFloat16), exact = Train(name, Precision.Float32);
            Assert.NotEqual(exact, losses);
            for (int step = 0; step < losses.Length; step++)
                Assert.Equal(exact[step], losses[step], Tolerance * exact[step]);
            Assert.True(losses[^1] < losses[0]);
            Assert.Equal(exact[0] - exact[^1], losses[0] - losses[^1], 0.1 * (exact[0] - exact[^1]));
        }
    }

    private static void ExpectOutputs(string name, Precision precision, double tolerance)
    {
        foreach (InstructionSet set in Isa.Available)
        {
            using var force = Isa.Force(set);
            using var golden = new Case(name);
            var tape = new Tape { Precision = precision };
            tape.Begin(recording: false);
            var comparison = new TensorComparison(Tolerances.OfOutputs(tolerance));
            foreach ((string output, ComparedValues values) in golden.Call.Run(new Pass(tape)).Named())
            {
                if (golden.Tensors.Find("output." + output) is { } expected)
                    comparison.Compare(NumberKind.Output, expected, values);
            }
            ParityResult result = comparison.Into(new ParityResult(name, "model", ParityStatus.Passed));
            Assert.True(result.Status == ParityStatus.Passed, $"{set}: {result.Message}");
            Assert.True(result.Outputs!.Error > 1e-5, $"{set}: these are the numbers of float32.");
        }
    }

    private static float[] Train(string name, Precision precision)
    {
        using var golden = new Case(name);
        GoldenTraining training = GoldenTraining.Read(golden.Model.Case, golden.Loaded);
        var tape = new Tape { Precision = precision };
        float[] losses = new float[training.Steps];
        for (int step = 0; step < losses.Length; step++)
        {
            tape.Begin(recording: true);
            Tensor loss = golden.Call.Run(new Pass(tape)).RequiredLoss;
            losses[step] = loss.Item;
            tape.Backward(loss);
            training.Step();
        }
        return losses;
    }

    private sealed class Case : IDisposable
    {
        public Case(string name)
        {
            CaseFolder folder = CaseFolder.Below(Goldens.Folder(name)).Single();
            Tensors = GoldenTensors.Open(folder.File(CaseFolder.ExpectedName));
            Model = GoldenModel.Read(folder, Catalog.Backbones.All);
            Loaded = Model.Load();
            Call = ReferenceCalls.Prepare(Model, Loaded, Tensors);
        }

        public GoldenTensors Tensors { get; }

        public GoldenModel Model { get; }

        public Model Loaded { get; }

        public IPreparedCall Call { get; }

        public void Dispose() => Tensors.Dispose();
    }
}
