using System.Globalization;
using Attune.Formats;
using Xunit;

namespace Attune.Robustness.Tests.Fuzzing;

/// <summary>
/// Runs a parser over many damaged files and demands that each ends in success or in the format's own exception
/// (<see cref="AttuneFormatException"/> if not told otherwise), within a cap on managed memory, and that none hangs.
/// </summary>
public static class ParserFuzzer
{
    private const int StackBytes = 1 << 20;
    private static readonly TimeSpan HangLimit = TimeSpan.FromSeconds(60);

    // A longer hunt than the test suite has time for: ATTUNE_FUZZ_FACTOR=100 tries a hundred times as many variants.
    private static readonly int s_factor =
        int.TryParse(Environment.GetEnvironmentVariable("ATTUNE_FUZZ_FACTOR"), NumberStyles.None, CultureInfo.InvariantCulture, out int factor) ? Math.Max(1, factor) : 1;

    /// <summary>Fuzzes a parser that reads bytes.</summary>
    /// <param name="seeds">Small valid files; all must parse.</param>
    /// <param name="parse">Parses one file and touches everything it gives.</param>
    /// <param name="variants">How many damaged files to try.</param>
    /// <param name="maxAllocatedBytes">The most managed memory that one file may take.</param>
    public static void Run(IReadOnlyList<byte[]> seeds, Action<byte[]> parse, int variants = 3000, long maxAllocatedBytes = 16 << 20) =>
        Run<AttuneFormatException>(seeds, parse, variants, maxAllocatedBytes);

    /// <summary>Fuzzes a parser whose own exception is <typeparamref name="TException"/>.</summary>
    /// <inheritdoc cref="Run(IReadOnlyList{byte[]}, Action{byte[]}, int, long)"/>
    public static void Run<TException>(IReadOnlyList<byte[]> seeds, Action<byte[]> parse, int variants = 3000, long maxAllocatedBytes = 16 << 20)
        where TException : Exception
    {
        variants *= s_factor;
        Mutator mutator = new(seeds);
        int accepted = 0, refused = 0, current = -1;
        Exception? failure = null;
        // A thread of its own: a hang is reported with the variant's number, and a small stack shows unbounded recursion early.
        Thread thread = new(() =>
        {
            try
            {
                for (current = 0; current < variants; current++)
                {
                    if (TryOne(mutator.Variant(current), current, current < seeds.Count)) accepted++;
                    else refused++;
                }
            }
            catch (Exception e)
            {
                failure = e;
            }
        }, StackBytes)
        { IsBackground = true };
        thread.Start();
        int seen = -1;
        while (!thread.Join(HangLimit))
        {
            Assert.True(current != seen, $"The parser hangs on variant {current}.");
            seen = current;
        }
        if (failure is not null) throw failure;
        Assert.Equal(variants, accepted + refused);
        Assert.True(refused > 0, "No variant was refused: the parser checks nothing, or the seeds are not what it reads.");

        bool TryOne(byte[] bytes, int index, bool mustParse)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            bool parsed;
            try
            {
                parse(bytes);
                parsed = true;
            }
            catch (TException e)
            {
                Assert.False(mustParse, $"Seed {index} was refused: {e.Message}");
                Assert.False(string.IsNullOrWhiteSpace(e.Message));
                parsed = false;
            }
            catch (Exception e) when (e is not Xunit.Sdk.XunitException)
            {
                throw new InvalidOperationException($"Variant {index} ended in {e.GetType().Name}: {e.Message}\n{Convert.ToHexString(bytes.AsSpan(0, Math.Min(512, bytes.Length)))}", e);
            }
            long taken = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(taken <= maxAllocatedBytes, $"Variant {index} ({bytes.Length} bytes) took {taken} bytes of memory, more than {maxAllocatedBytes}.");
            return parsed;
        }
    }

    /// <summary>Fuzzes a parser that reads a file by its path.</summary>
    /// <param name="seeds">Small valid files; all must parse.</param>
    /// <param name="fileName">The name (with extension) that the parser expects.</param>
    /// <param name="parse">Parses the file at the path and touches everything it gives.</param>
    /// <param name="variants">How many damaged files to try.</param>
    /// <param name="maxAllocatedBytes">The most managed memory that one file may take.</param>
    public static void RunOnFile(
        IReadOnlyList<byte[]> seeds, string fileName, Action<string> parse, int variants = 1500, long maxAllocatedBytes = 16 << 20)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("attune-fuzz-");
        try
        {
            string path = Path.Combine(folder.FullName, fileName);
            Run(seeds, bytes =>
            {
                File.WriteAllBytes(path, bytes);
                parse(path);
            }, variants, maxAllocatedBytes);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
