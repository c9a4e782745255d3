using System.Text.Json.Nodes;
using Attune.Backbones;
using Attune.Formats;
using Attune.Nn.Contracts;
using Attune.Nn.Decoding;
using Attune.Tensors.Autograd;
using Attune.Tests.Training;
using Xunit;

namespace Attune.Tests.Backbones;

/// <summary>Feedback Transformers step by step: memories in a cache, and sequences of different lengths in one batch.</summary>
public sealed class FeedbackTests
{
    private static readonly int[] Ids = [3, 9, 1, 4, 4, 12, 7, 0, 2, 15, 6, 3, 8];

    public static TheoryData<bool, bool, string> Kinds => new()
    {
        { true, false, "pre" }, { true, true, "pre" }, { true, false, "post" }, { false, false, "pre" }, { false, true, "post" },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Decoding_step_by_step_agrees_with_whole_sequences(bool feedback, bool shared, string norm)
    {
        Model model = Build(feedback, shared, norm);
        float[] whole = Rows(model, TokenBatch.Of(Ids));
        var cache = new KeyValueCache(1);
        int read = 0, width = model.Backbone.Width;
        foreach (int count in (int[])[4, 1, 1, 5, 2])
        {
            float[] found = Rows(model, TokenBatch.Of(Ids[read..(read + count)]) with { State = cache });
            for (int i = 0; i < found.Length; i++)
                Assert.Equal(whole[read * width + i], found[i], 1e-5f);
            read += count;
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Sequences_of_different_lengths_do_not_disturb_each_other(bool feedback, bool shared, string norm)
    {
        Model model = Build(feedback, shared, norm);
        float[] together = Rows(model, TokenBatch.Of(Ids[..3], Ids, Ids[5..12]));
        float[] apart = [.. Rows(model, TokenBatch.Of(Ids[..3])), .. Rows(model, TokenBatch.Of(Ids)), .. Rows(model, TokenBatch.Of(Ids[5..12]))];
        for (int i = 0; i < apart.Length; i++)
            Assert.Equal(apart[i], together[i], 1e-5f);
    }

    private static Model Build(bool feedback, bool shared, string norm)
    {
        IFamily family = Catalog.Backbones.Get("feedback");
        JsonFields config = MatrixExamples.Config(family);
        // Steps of a block, and of the memory, end within the sequence.
        foreach ((string key, JsonNode value) in (IEnumerable<(string, JsonNode)>)
            [("feedback", feedback), ("share_key_value_projections", shared), ("norm", norm), ("block_size", 4), ("attention_span", 6)])
            config.Node[key] = value;
        Model model = family.Build(config, []);
        model.Initialize(1);
        return model;
    }

    private static float[] Rows(Model model, TokenBatch batch)
    {
        var tape = new Tape();
        tape.Begin(recording: false);
        return model.Forward(new Pass(tape), batch).Hidden.ToArray();
    }
}
