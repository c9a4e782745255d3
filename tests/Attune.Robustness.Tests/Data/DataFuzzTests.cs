using System.Buffers.Binary;
using System.Security.Cryptography;
using Attune.Data.Labelled;
using Attune.Data.SdkDocs;
using Attune.Data.Tokens;
using Attune.Robustness.Tests.Fuzzing;
using Xunit;

namespace Attune.Robustness.Tests.Data;

public sealed class DataFuzzTests
{
    [Fact]
    public void DamagedDocumentationIsRefusedCleanly() => ParserFuzzer.RunOnFile(
        ["""
         <doc><members><member name="T:System.IO.File"><summary>Opens a <see cref="T:System.IO.Stream"/> of <paramref name="path"/> &amp; more.</summary>
         <remarks><para>Another one is here.</para><code>int x;</code></remarks></member><member name="M:System.IO.File.Open(System.String)"/></members></doc>
         """u8.ToArray()],
        "a.xml", path => SdkDocumentation.Load([path]));

    [Fact]
    public void DamagedTrecFilesAreRefusedCleanly() =>
        ParserFuzzer.RunOnFile(["DESC:manner How ?\nENTY:cremat What ?\n"u8.ToArray()], "a.label", path => LabelledFile.ReadTrec(path));

    [Fact]
    public void DamagedTokenCachesAreRefusedCleanly()
    {
        byte[] seed = new TokenCacheHeader(new string('a', 64), 2, 50, 4, 2, 1).ToBytes();
        byte[] body = new byte[8 + (5 * sizeof(long))];
        long[] offsets = [0, 3, 4, 0, 2];
        for (int i = 0; i < offsets.Length; i++) BinaryPrimitives.WriteInt64LittleEndian(body.AsSpan(8 + (8 * i)), offsets[i]);
        // The checksum is put right again in damaged heads, so that what is behind it is reached.
        ParserFuzzer.RunOnFile([[.. seed, .. body]], "cache", path =>
        {
            byte[] bytes = File.ReadAllBytes(path);
            if (bytes.Length >= TokenCacheHeader.Length)
            {
                SHA256.HashData(bytes.AsSpan(0, TokenCacheHeader.Length - 32), bytes.AsSpan(TokenCacheHeader.Length - 32));
                File.WriteAllBytes(path, bytes);
            }
            using TokenCache cache = TokenCache.Open(path);
            int[] ids = new int[(int)cache.Count];
            cache.Read(0, ids);
        });
    }
}
