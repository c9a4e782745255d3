using Attune.Nn.Contracts;
using Attune.Nn.Parameters;
using Attune.Objectives;
using Attune.Tensors.Autograd;
using Attune.Tests.Training;
using Xunit;

namespace Attune.Tests.Objectives;

public sealed class CausalLmTests
{
    [Fact]
    public void Segments_read_what_was_remembered_of_those_before_them()
    {
        (Model model, int vocabulary) = MatrixExamples.Build("transfo-xl", [new HeadRequest(HeadKind.CausalLm)]);
        // Fresh weights are so small that what was remembered hardly shows.
        foreach ((_, Parameter parameter) in model.Parameters())
        {
            Span<float> values = parameter.Value.Span;
            for (int i = 0; i < values.Length && parameter.Role != ParameterRole.NormScale; i++)
                values[i] *= 10;
        }
        int[] longer = Tokens(10, 3), shorter = Tokens(6, 8);
        var objective = new CausalLm { SegmentLength = 4 };
        Batch batch = objective.Collate([new Example { Ids = longer }, new Example { Ids = shorter }], default);
        var tape = new Tape();
        tape.Begin(recording: false);
        var pass = new Pass(tape);
        double expected = (Loss(pass, model, longer) * 9 + Loss(pass, model, shorter) * 5) / 14;
        Assert.Equal(expected, objective.Loss(pass, model, batch).Item, 1e-5);
        Assert.NotEqual(new CausalLm().Loss(pass, model, batch).Item, expected, 1e-4);
        int[] Tokens(int count, int factor) => [.. Enumerable.Range(0, count).Select(i => (i * factor + 1) % vocabulary)];
    }

    [Fact]
    public void Segments_need_a_model_with_memory()
    {
        Model model = TinyModels.Gpt2([new HeadRequest(HeadKind.CausalLm)]);
        ArgumentException error = Assert.Throws<ArgumentException>(() => Fit.Require(model, new CausalLm { SegmentLength = 4 }));
        Assert.Contains("with memory", error.Message, StringComparison.Ordinal);
    }

    private static double Loss(Pass pass, Model model, int[] tokens)
    {
        double sum = 0;
        SegmentMemory? memory = null;
        for (int first = 0; first < tokens.Length - 1; first += 4)
        {
            int end = Math.Min(first + 4, tokens.Length - 1);
            BackboneOutput output = model.Forward(pass, TokenBatch.Of(tokens[first..end]) with { Memory = memory, KeepsMemory = true });
            sum += (end - first) * (double)model.Head<ITokenHead>(HeadKind.CausalLm).Loss(pass, output, tokens.AsMemory((first + 1)..(end + 1))).Item;
            memory = output.Memory;
        }
        return sum / (tokens.Length - 1);
    }
}
