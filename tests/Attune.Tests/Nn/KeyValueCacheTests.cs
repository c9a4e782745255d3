using System.Text.Json.Nodes;
using Attune.Backbones;
using Attune.Formats;
using Attune.Nn.Contracts;
using Attune.Nn.Decoding;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;
using Attune.Tensors.Random;
using Attune.Tests.Training;
using Xunit;

namespace Attune.Tests.Nn;

/// <summary>Sequences that branch, end and go on: the cache gives what reading each from its beginning gives.</summary>
public sealed class KeyValueCacheTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("lightweight-conv")]
    [InlineData("dilated-conv")]
    [InlineData("lstm")]
    public void Selected_sequences_go_on_as_if_each_were_alone(string? mixer)
    {
        Model model = Gpt(mixer);
        var random = new RandomStream(11);
        int drawn = 0;
        int Below(int limit) => random.Below(drawn++, limit);
        List<int[]> sequences = [[5, 6, 7], [8, 9, 4, 4, 10]];
        var cache = new KeyValueCache(sequences.Count);
        IReadOnlyList<int[]> unread = sequences;
        for (int step = 0; step < 12; step++)
        {
            float[][] found = Read(model, unread, cache);
            for (int s = 0; s < sequences.Count; s++)
            {
                float[] alone = Read(model, [sequences[s]], null)[0];
                for (int i = 0; i < alone.Length; i++)
                    Assert.Equal(alone[i], found[s][i], 1e-4f);
            }
            int[] chosen = [.. Enumerable.Range(0, 1 + Below(5)).Select(_ => Below(sequences.Count))];
            cache.Select(chosen);
            unread = [.. chosen.Select(_ => new[] { 4 + Below(7) })];
            sequences = [.. chosen.Select((from, i) => (int[])[.. sequences[from], .. unread[i]])];
            Assert.Equal(chosen.Length, cache.Sequences);
        }
    }

    [Fact]
    public void Only_rows_that_differ_are_copied()
    {
        CachedRows Of(params float[] values)
        {
            var rows = new CachedRows();
            rows.Append(0, values.Length, Heads.Of(Tensor.From([values.Length, 1], values), 1), null, 0);
            return rows;
        }
        CachedRows forgotten = Of(-1, 2, 9, 9), source = Of(1, 2, 3, 4, 5);
        forgotten.CopyFrom(source, shared: 2, length: 5);
        Assert.Equal([-1, 2, 3, 4, 5], forgotten.Rows(0, 5).ToArray());
    }

    [Fact]
    public void A_convolution_keeps_no_more_than_it_reaches()
    {
        var rows = new CachedRows();
        long largest = 0;
        for (int position = 0; position < 1000; position++)
        {
            rows.Append(position, 1, Heads.Of(Tensor.From([1, 1], [position]), 1), null, 0, reach: 4);
            largest = Math.Max(largest, rows.ReservedBytes);
            int first = Math.Max(0, position - 4);
            Assert.Equal(Enumerable.Range(first, position + 1 - first).Select(p => (float)p), rows.Rows(first, position + 1).ToArray());
        }
        Assert.True(largest <= 256);
    }

    private static float[][] Read(Model model, IReadOnlyList<int[]> unread, KeyValueCache? cache)
    {
        var tape = new Tape();
        tape.Begin(recording: false);
        TokenBatch batch = TokenBatch.Of([.. unread]) with { State = cache };
        Tensor hidden = model.Forward(new Pass(tape), batch).Hidden;
        return [.. Enumerable.Range(0, unread.Count).Select(s => hidden.DetachedRows(batch.Segments.Start(s) + batch.Segments.Length(s) - 1, 1).ToArray())];
    }

    private static Model Gpt(string? mixer)
    {
        IFamily family = Catalog.Backbones.Get("gpt2");
        Model model = family.Build(MatrixExamples.Config(family), []);
        if (mixer is not null)
            model.ReplaceMixers(new JsonFields(new JsonObject { ["kind"] = mixer, ["kernel_sizes"] = new JsonArray(3, 5) }, "attune.json"));
        model.Initialize(seed: 1);
        return model;
    }
}
